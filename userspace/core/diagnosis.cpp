// SPDX-License-Identifier: Apache-2.0
#include "core/diagnosis.h"

namespace tcptrace {

std::string_view to_string(Confidence confidence)
{
    switch (confidence) {
    case Confidence::Certain:
        return "certain";
    case Confidence::Likely:
        return "likely";
    case Confidence::Possible:
        break;
    }
    return "possible";
}

std::string_view to_string(Severity severity)
{
    switch (severity) {
    case Severity::Error:
        return "error";
    case Severity::Warning:
        return "warning";
    case Severity::Notice:
        break;
    }
    return "notice";
}

} // namespace tcptrace

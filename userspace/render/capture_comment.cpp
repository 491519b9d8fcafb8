// SPDX-License-Identifier: Apache-2.0
#include "render/capture_comment.h"

#include "render/text.h"

namespace tcptrace {

std::string diagnosis_comment(const Diagnosis &diagnosis)
{
    std::string words = "diagnosis: ";
    words += diagnosis.id;
    if (!diagnosis.cause.empty())
        put(words, ", {} ({})", diagnosis.cause, to_string(diagnosis.confidence));
    put(words, ": {}", diagnosis.summary);
    return words;
}

} // namespace tcptrace

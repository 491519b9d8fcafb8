// SPDX-License-Identifier: Apache-2.0
// Parses options, runs, and turns an error into one sentence and an exit status.
#include "app/options.h"
#include "app/run.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

using namespace tcptrace;

static int report(const Error &error)
{
    const auto log = spdlog::stderr_logger_st("tcptrace");
    log->set_pattern("%n: %v");
    log->error("{}{}{}", error.message, error.hint.empty() ? "" : "; ", error.hint);
    return static_cast<int>(error.status);
}

int main(int argc, char **argv)
{
    const auto options = parse_options(argc, argv);
    if (!options)
        return report(options.error());
    const auto status = run(*options);
    if (!status)
        return report(status.error());
    return static_cast<int>(*status);
}

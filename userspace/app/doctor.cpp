// SPDX-License-Identifier: Apache-2.0
#include "app/doctor.h"

#include "source/probe.h"

#include <fmt/format.h>

#include <cstdio>

namespace tcptrace {

Status doctor()
{
    Status status = Status::Ok;
    for (const Probe &probe : probe_all()) {
        const char *sign = probe.ability == Ability::Yes  ? "yes"
                           : probe.ability == Ability::No ? "no "
                                                          : "but";
        fmt::print("{}  {}{}{}\n", sign, probe.says, probe.hint.empty() ? "" : ": ", probe.hint);
        if (probe.ability == Ability::No)
            status = Status::CannotRun;
    }
    fmt::print("{}\n", status == Status::Ok ? "tcptrace can watch live traffic here"
                                            : "tcptrace cannot watch live traffic here; captures "
                                              "can be read with -r");
    return status;
}

} // namespace tcptrace

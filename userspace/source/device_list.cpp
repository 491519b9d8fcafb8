// SPDX-License-Identifier: Apache-2.0
#include "source/device_list.h"

#include <fmt/format.h>
#include <net/if.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace tcptrace {

Result<std::string> device_list()
{
    const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> all(if_nameindex(),
                                                                                 if_freenameindex);
    if (!all)
        return fail(Status::CannotRun,
                    fmt::format("cannot list interfaces: {}", std::strerror(errno)));
    std::string text;
    int number = 1;
    for (const struct if_nameindex *each = all.get(); each->if_index != 0; each++)
        fmt::format_to(std::back_inserter(text), "{}.{}\n", number++, each->if_name);
    fmt::format_to(std::back_inserter(text), "{}.any (all interfaces, also those to come)\n",
                   number);
    return text;
}

} // namespace tcptrace

// SPDX-License-Identifier: Apache-2.0
// -F and -d: the filter from a file, and what it is compiled to. What a filter does is
// filter/'s and source/'s business.
#pragma once

#include "app/options.h"
#include "core/result.h"

#include <string>

namespace tcptrace {

// The file's text without comments, which go from a # to the end of its line.
[[nodiscard]] Result<std::string> read_filter_file(const std::string &path);

// The program that options.filter becomes, as tcpdump -d, -dd or -ddd prints it: for the file
// that is read, or for Ethernet. One about a tunnel's inside is a second program behind it.
[[nodiscard]] Result<std::string> filter_dump(const Options &options);

} // namespace tcptrace

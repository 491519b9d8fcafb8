// SPDX-License-Identifier: Apache-2.0
// What the JSON renderers share: the object type, its line, and the parts that appear in
// more than one kind of object. Private to render/.
#pragma once

#include "core/address.h"
#include "core/diagnosis.h"
#include "core/observation.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tcptrace {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json json_object(std::string_view type, std::uint64_t unix_ns);
[[nodiscard]] Json json_end(const std::optional<Address> &address,
                            const std::optional<std::uint16_t> &port);
// Without ends both known there is no community_id.
[[nodiscard]] Json json_network(std::uint8_t family, const Endpoint *a, const Endpoint *b);
// Contract §5; a namespace is known by its inode number, as `lsns` and /proc show it.
[[nodiscard]] Json json_drop(const DropTold &drop);
[[nodiscard]] std::string json_time(std::uint64_t unix_ns);
// Invalid UTF-8 is replaced, never thrown.
void append_json_line(std::string &out, const Json &object);

} // namespace tcptrace

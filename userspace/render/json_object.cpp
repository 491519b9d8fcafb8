// SPDX-License-Identifier: Apache-2.0
#include "render/json_object.h"

#include "render/community_id.h"
#include "render/time_column.h"

namespace tcptrace {

Json json_object(std::string_view type, std::uint64_t unix_ns)
{
    Json object;
    object["type"] = type;
    object["@timestamp"] = json_time(unix_ns);
    return object;
}

Json json_end(const std::optional<Address> &address, const std::optional<std::uint16_t> &port)
{
    Json end = Json::object();
    if (address)
        end["ip"] = to_string(*address);
    if (port)
        end["port"] = *port;
    return end;
}

Json json_network(std::uint8_t family, const Endpoint *a, const Endpoint *b)
{
    Json network;
    network["transport"] = "tcp";
    network["type"] = family == TT_IPV6 ? "ipv6" : "ipv4";
    if (a && b)
        network["community_id"] = community_id(*a, *b);
    return network;
}

Json json_drop(const DropTold &drop)
{
    Json object = Json::object();
    const auto set = [&](const char *field, const std::string &value) {
        if (!value.empty())
            object[field] = value;
    };
    set("reason", drop.reason);
    set("function", drop.function);
    set("hook", drop.hook);
    set("rule", drop.rule);
    set("interface", drop.interface);
    if (drop.netns != 0)
        object["netns"] = drop.netns;
    return object;
}

std::string json_time(std::uint64_t unix_ns)
{
    std::string text;
    append_rfc3339(text, unix_ns);
    return text;
}

void append_json_line(std::string &out, const Json &object)
{
    out += object.dump(-1, ' ', false, Json::error_handler_t::replace);
    out += '\n';
}

} // namespace tcptrace

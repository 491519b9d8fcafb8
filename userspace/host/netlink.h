// SPDX-License-Identifier: Apache-2.0
// One question to the kernel over netlink and its answer, by libmnl, within a deadline.
// What is asked, and what the answer means, is known to the callers.
#pragma once

#include "host/deadline.h"

#include <libmnl/libmnl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

namespace tcptrace {

// A message that is being made; large enough for every question of this folder.
class NetlinkRequest {
public:
    explicit NetlinkRequest(std::uint16_t type, std::uint16_t flags = 0);

    [[nodiscard]] nlmsghdr *header()
    {
        return static_cast<nlmsghdr *>(static_cast<void *>(bytes_.data()));
    }
    template <typename Fixed>
    Fixed &extra() // the zeroed struct behind the header; once, before any attribute
    {
        return *static_cast<Fixed *>(mnl_nlmsg_put_extra_header(header(), sizeof(Fixed)));
    }
    void put(std::uint16_t attribute, std::span<const std::uint8_t> bytes)
    {
        mnl_attr_put(header(), attribute, bytes.size(), bytes.data());
    }

private:
    alignas(nlmsghdr) std::array<char, 512> bytes_{};
};

class NetlinkSocket {
public:
    using Each = std::function<void(const nlmsghdr &)>;

    // In the namespace the calling thread is in now. Empty: the kernel lacks the protocol.
    [[nodiscard]] static std::optional<NetlinkSocket> open(int protocol);

    // 0 when the answer is whole; else the kernel's errno, or ETIMEDOUT, or what the system
    // call said. Messages that came before an error have been told.
    [[nodiscard]] int ask(NetlinkRequest &request, Deadline deadline, const Each &each);

private:
    struct Close {
        void operator()(mnl_socket *socket) const { mnl_socket_close(socket); }
    };
    explicit NetlinkSocket(mnl_socket *socket) : socket_(socket) {}

    std::unique_ptr<mnl_socket, Close> socket_;
    std::uint32_t sequence_ = 0;
};

// The bytes of an attribute; none for an absent one.
[[nodiscard]] inline std::span<const std::uint8_t> bytes_of(const nlattr *attribute)
{
    if (!attribute)
        return {};
    return {static_cast<const std::uint8_t *>(mnl_attr_get_payload(attribute)),
            mnl_attr_get_payload_len(attribute)};
}

// A number or struct out of an attribute; empty if that is absent or too short.
template <typename Value>
[[nodiscard]] std::optional<Value> value_of(const nlattr *attribute)
{
    static_assert(std::is_trivially_copyable_v<Value>);
    const auto bytes = bytes_of(attribute);
    if (bytes.size() < sizeof(Value))
        return std::nullopt;
    Value value;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

[[nodiscard]] std::string text_of(const nlattr *attribute);

// The struct that a message begins with; empty if the message is too short.
template <typename Fixed>
[[nodiscard]] std::optional<Fixed> fixed_of(const nlmsghdr &message)
{
    static_assert(std::is_trivially_copyable_v<Fixed>);
    if (mnl_nlmsg_get_payload_len(&message) < sizeof(Fixed))
        return std::nullopt;
    Fixed fixed;
    std::memcpy(&fixed, mnl_nlmsg_get_payload(&message), sizeof fixed);
    return fixed;
}

// The attributes behind that struct, by number up to Last.
template <typename Fixed, std::size_t Last>
[[nodiscard]] std::array<const nlattr *, Last + 1> attributes_of(const nlmsghdr &message)
{
    std::array<const nlattr *, Last + 1> table{};
    const auto note = [](const nlattr *attribute, void *into) {
        auto &found = *static_cast<std::array<const nlattr *, Last + 1> *>(into);
        const std::uint16_t type = mnl_attr_get_type(attribute);
        if (type <= Last)
            found[type] = attribute;
        return MNL_CB_OK;
    };
    mnl_attr_parse(&message, sizeof(Fixed), note, &table);
    return table;
}

} // namespace tcptrace

// SPDX-License-Identifier: Apache-2.0
#include "filter/direction.h"

#include "filter/packet_filter.h"
#include "filter/stand_in_frame.h"

#include <arpa/inet.h>
#include <pcap/pcap.h>

#include <pcap/namedb.h> // wants pcap.h before it

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

namespace tcptrace {

namespace {

constexpr std::size_t protocol_in_ipv4 = 14 + 9;
constexpr std::size_t next_header_in_ipv6 = 14 + 6;
constexpr std::uint8_t udp = 17;
// Of each kind; more make no other answer, only work.
constexpr std::size_t values_max = 8;

std::optional<Address> to_address(const std::string &word)
{
    Address address;
    const std::string text = word.substr(0, word.find('/'));

    std::ranges::fill(address.raw.bytes, std::uint8_t{0});
    if (inet_pton(AF_INET, text.c_str(), &address.raw.bytes[12]) == 1) {
        address.raw.bytes[10] = address.raw.bytes[11] = 0xff;
        address.family = TT_IPV4;
        return address;
    }
    if (inet_pton(AF_INET6, text.c_str(), address.raw.bytes) == 1) {
        address.family = TT_IPV6;
        return address;
    }
    return std::nullopt;
}

// A port, the first of a port range, or a service's name.
std::optional<std::uint16_t> to_port(const std::string &word)
{
    std::uint16_t port = 0;
    const std::string_view text = std::string_view(word).substr(0, word.find('-'));
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    int known = 0;
    int protocol = 0;

    if (error == std::errc() && end == text.data() + text.size())
        return port;
    if (pcap_nametoport(word.c_str(), &known, &protocol) && known > 0 && known < 0x10000)
        return static_cast<std::uint16_t>(known);
    return std::nullopt;
}

// The values that packets need to match, with two of each before them that nothing asks for.
struct Values {
    std::vector<Address> addresses;
    std::vector<std::uint16_t> ports{50001, 50002};

    void add(const Address &address) { add_to(addresses, address); }
    void add(std::uint16_t port) { add_to(ports, port); }

private:
    template <typename T>
    static void add_to(std::vector<T> &values, const T &value)
    {
        if (values.size() < values_max && std::ranges::find(values, value) == values.end())
            values.push_back(value);
    }
};

void add_word(Values &values, const std::string &word, std::uint8_t family)
{
    if (const auto address = to_address(word); address && address->family == family) {
        Address neighbour = *address; // a network may be both ends'
        values.add(neighbour);
        neighbour.raw.bytes[15] ^= 1;
        if (word.contains('/'))
            values.add(neighbour);
    }
    if (const auto port = to_port(word))
        values.add(*port);
}

Values values_of(const std::string &expression, std::uint8_t family)
{
    constexpr const char *blanks = " \t\n()!|&=<>[],";
    // RFC 5737 §3, RFC 3849: addresses of documentation.
    const bool ipv4 = family == TT_IPV4;
    Values values;

    add_word(values, ipv4 ? "203.0.113.201" : "2001:db8::c9", family);
    add_word(values, ipv4 ? "203.0.113.202" : "2001:db8::ca", family);
    for (std::size_t at = expression.find_first_not_of(blanks); at < expression.size();) {
        const std::size_t end = std::min(expression.find_first_of(blanks, at), expression.size());
        add_word(values, expression.substr(at, end - at), family);
        at = expression.find_first_not_of(blanks, end);
    }
    return values;
}

// Which ends a packet may have. "src net 10.0.0.0/8" takes both directions between two of that
// network, and none of the answers of all others: so packets to and from somebody whom the
// filter does not name are asked about first.
enum class Peers { OneUnnamed, Any };

// Calls visit(a, b) with each two different ones, until it answers yes; was that so?
template <typename T, typename Visit>
bool any_two(const std::vector<T> &values, Peers peers, Visit visit)
{
    constexpr std::size_t unnamed = 2; // the first of them
    for (std::size_t i = 0; i < values.size(); i++) {
        for (std::size_t j = 0; j < values.size(); j++) {
            const bool asked = peers == Peers::Any || i < unnamed || j < unnamed;
            if (i != j && asked && visit(values[i], values[j]))
                return true;
        }
    }
    return false;
}

class Judge {
public:
    explicit Judge(const PacketFilter &filter) : filter_(filter) {}

    // Does it take a packet of two of these ends, and the answer to it? Ends differ in
    // address and port, or a packet would pass for its own answer.
    bool takes_answers(const Values &values, Peers peers)
    {
        return any_two(values.addresses, peers, [&](const Address &a, const Address &b) {
            return any_two(values.ports, peers, [&](std::uint16_t p, std::uint16_t q) {
                return takes_both({a, p}, {b, q});
            });
        });
    }
    [[nodiscard]] bool matched() const { return matched_; }

private:
    bool takes_both(const Endpoint &source, const Endpoint &destination)
    {
        constexpr std::array<std::uint8_t, 5> flags{TT_ACK | TT_PSH, TT_SYN, TT_SYN | TT_ACK,
                                                    TT_RST | TT_ACK, TT_FIN | TT_ACK};
        for (const std::uint8_t each : flags) {
            if (both(source, destination, each, false))
                return true;
        }
        return both(source, destination, 0, true);
    }
    bool both(const Endpoint &source, const Endpoint &destination, std::uint8_t flags, bool as_udp)
    {
        if (!takes(source, destination, flags, as_udp))
            return false;
        matched_ = true;
        return takes(destination, source, flags, as_udp);
    }
    bool takes(const Endpoint &source, const Endpoint &destination, std::uint8_t flags, bool as_udp)
    {
        tt_segment segment{};
        segment.flags = flags;
        segment.ttl = 64;
        segment.family = source.address.family;
        StandInFrame frame = stand_in_frame(segment, source, destination);
        if (as_udp)
            frame.storage[segment.family == TT_IPV4 ? protocol_in_ipv4 : next_header_in_ipv6] = udp;
        return filter_.matches(frame.bytes(), frame.wire_length);
    }

    const PacketFilter &filter_;
    bool matched_ = false;
};

} // namespace

bool takes_one_direction(const std::string &expression)
{
    const auto filter = PacketFilter::compile(expression, DLT_EN10MB);

    if (!filter)
        return false;
    Judge judge(*filter);
    for (const Peers peers : {Peers::OneUnnamed, Peers::Any}) {
        if (judge.takes_answers(values_of(expression, TT_IPV4), peers) ||
            judge.takes_answers(values_of(expression, TT_IPV6), peers))
            return false;
        if (judge.matched())
            return true;
    }
    return false;
}

} // namespace tcptrace

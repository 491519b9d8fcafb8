// SPDX-License-Identifier: Apache-2.0
#include "render/text_protocol.h"

#include "render/text.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

namespace tcptrace {

namespace {

constexpr std::size_t token_max = 127; // as long as tcpdump's buffer for one holds

// Request methods as tcpdump 4.99 knows them (RFC 9110, 4918, 3253 and WebDAV's).
constexpr std::array<std::string_view, 36> http_methods{"OPTIONS",
                                                        "GET",
                                                        "HEAD",
                                                        "POST",
                                                        "PUT",
                                                        "DELETE",
                                                        "TRACE",
                                                        "CONNECT",
                                                        "PROPFIND",
                                                        "PROPPATCH",
                                                        "MKCOL",
                                                        "COPY",
                                                        "MOVE",
                                                        "LOCK",
                                                        "UNLOCK",
                                                        "SEARCH",
                                                        "VERSION-CONTROL",
                                                        "REPORT",
                                                        "CHECKOUT",
                                                        "CHECKIN",
                                                        "UNCHECKOUT",
                                                        "MKWORKSPACE",
                                                        "UPDATE",
                                                        "LABEL",
                                                        "MERGE",
                                                        "BASELINE-CONTROL",
                                                        "MKACTIVITY",
                                                        "BCOPY",
                                                        "BDELETE",
                                                        "BMOVE",
                                                        "BPROPFIND",
                                                        "BPROPPATCH",
                                                        "NOTIFY",
                                                        "POLL",
                                                        "SUBSCRIBE",
                                                        "UNSUBSCRIBE"};

constexpr std::array<std::string_view, 11> rtsp_methods{
    "OPTIONS",  "DESCRIBE",      "ANNOUNCE",      "SETUP",    "PLAY",  "PAUSE",
    "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER", "REDIRECT", "RECORD"};

struct Protocol {
    std::uint16_t port;
    std::string_view name;                     // as printed
    std::string_view cut;                      // printed when the capture ends too early
    std::span<const std::string_view> methods; // empty: every text line counts
};

constexpr std::array protocols{
    Protocol{21, "FTP", " [|ftp]", {}},
    Protocol{25, "SMTP", " [|smtp]", {}},
    Protocol{43, "WHOIS", " [|whois]", {}},
    Protocol{80, "HTTP", " [|http]", http_methods},
    Protocol{8080, "HTTP", " [|http]", http_methods},
    Protocol{554, "RTSP", " [|rtsp]", rtsp_methods},
    Protocol{8554, "RTSP", " [|rtsp]", rtsp_methods},
};

constexpr std::uint16_t ssh_port = 22;

bool is_space(std::uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_print(std::uint8_t c)
{
    return c >= 0x20 && c < 0x7f;
}

bool equal_ignoring_case(std::string_view a, std::string_view b)
{
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
    return std::ranges::equal(a, b, {}, upper, upper);
}

std::string_view as_text(Bytes bytes)
{
    return {reinterpret_cast<const char *>(bytes.span().data()), bytes.size()};
}

// The word at `at`, which is moved to the next one on the same line; empty if it is cut,
// too long or no text.
std::string_view take_token(Bytes payload, std::uint32_t length, std::size_t &at)
{
    const std::size_t start = at;

    for (; at < length; at++) {
        if (!payload.has(at + 1))
            return {};
        const std::uint8_t c = payload.u8(at);
        if (is_space(c))
            break;
        if (!is_print(c) || at - start == token_max)
            return {};
    }
    const std::string_view token = as_text(payload).substr(start, at - start);
    while (payload.has(at + 1) && (payload.u8(at) == ' '))
        at++;
    return token;
}

bool is_response_code(std::string_view token)
{
    return token.size() == 3 &&
           std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_request_or_response(Bytes payload, std::uint32_t length, const Protocol &protocol)
{
    std::size_t at = 0;

    if (protocol.methods.empty())
        return true;
    const std::string_view first = take_token(payload, length, at);
    if (first.empty())
        return false;
    if (std::ranges::any_of(protocol.methods, [&](std::string_view method) {
            return equal_ignoring_case(method, first);
        }))
        return true;
    return is_response_code(take_token(payload, length, at));
}

enum class Line : std::uint8_t { Printed, Binary, Cut };

// One line of text behind `prefix`; `at` moves behind it.
Line append_line(std::string &out, std::string_view prefix, Bytes payload, std::uint32_t length,
                 std::size_t &at, std::string_view cut_mark)
{
    const std::size_t start = at;
    std::size_t end = at;

    for (; end < length; end++) {
        if (!payload.has(end + 1))
            return Line::Cut;
        const std::uint8_t c = payload.u8(end);
        if (c == '\n' || c == '\r')
            break;
        if (!is_print(c) && c != '\t')
            return Line::Binary;
    }
    if (end < length && payload.u8(end) == '\r') {
        if (end + 1 >= length)
            return Line::Binary;
        if (!payload.has(end + 2))
            return Line::Cut;
        if (payload.u8(end + 1) != '\n')
            return Line::Binary;
        at = end + 2;
    } else {
        at = end + 1;
    }
    out += prefix;
    out += as_text(payload).substr(start, end - start);
    if (end == length) { // the line goes on in the next segment
        out += cut_mark;
        return Line::Binary;
    }
    return Line::Printed;
}

void append_protocol(std::string &out, Bytes payload, std::uint32_t length,
                     const Protocol &protocol, int verbosity)
{
    std::size_t at = 0;
    Line last = Line::Printed;

    out += ": ";
    out += protocol.name;
    if (!is_request_or_response(payload, length, protocol))
        return;
    if (verbosity == 0) {
        last = append_line(out, ": ", payload, length, at, protocol.cut);
    } else {
        put(out, ", length: {}", length);
        while (at < length && last == Line::Printed)
            last = append_line(out, "\n\t", payload, length, at, protocol.cut);
    }
    if (last == Line::Cut)
        out += protocol.cut;
}

// The version line that opens an SSH connection; all else is encrypted.
void append_ssh(std::string &out, Bytes payload, std::uint32_t length)
{
    constexpr std::string_view magic = "SSH-";
    const Bytes start = payload.first(magic.size());

    if (!magic.starts_with(as_text(start)))
        return;
    if (start.size() < magic.size()) {
        out += " [|ssh]";
        return;
    }
    std::size_t end = 4;
    while (end < length && payload.has(end + 1) && is_print(payload.u8(end)))
        end++;
    if (end >= length)
        return;
    if (!payload.has(end + 1) ||
        (payload.u8(end) == '\r' && end + 1 < length && !payload.has(end + 2))) {
        out += " [|ssh]";
        return;
    }
    const bool crlf = payload.u8(end) == '\r' && payload.u8(end + 1) == '\n';
    if (!crlf && payload.u8(end) != '\n')
        return;
    put(out, ": SSH: {}", as_text(payload).substr(0, end));
}

} // namespace

bool append_text_protocol(std::string &out, Bytes payload, std::uint32_t length,
                          std::array<std::uint16_t, 2> ports, int verbosity)
{
    const auto has = [&](std::uint16_t port) { return ports[0] == port || ports[1] == port; };

    if (has(ssh_port)) {
        append_ssh(out, payload, length);
        return true;
    }
    const auto found =
        std::ranges::find_if(protocols, [&](const Protocol &p) { return has(p.port); });
    if (found == protocols.end())
        return false;
    append_protocol(out, payload, length, *found, verbosity);
    return true;
}

} // namespace tcptrace

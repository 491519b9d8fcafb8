// SPDX-License-Identifier: Apache-2.0
// Tails of text protocols as tcpdump 4.99.3 printed them for the same bytes.
#include "render/text_protocol.h"

#include <catch2/catch_test_macros.hpp>

#include <string_view>

using namespace tcptrace;

namespace {

Bytes bytes_of(std::string_view text)
{
    return Bytes({reinterpret_cast<const std::uint8_t *>(text.data()), text.size()});
}

std::string tail(std::string_view payload, std::uint16_t port, int verbosity = 0)
{
    std::string out;
    append_text_protocol(out, bytes_of(payload), static_cast<std::uint32_t>(payload.size()),
                         {40000, port}, verbosity);
    return out;
}

std::string cut_tail(std::string_view payload, std::size_t captured, std::uint16_t port)
{
    std::string out;
    append_text_protocol(out, bytes_of(payload.substr(0, captured)),
                         static_cast<std::uint32_t>(payload.size()), {port, 40000}, 0);
    return out;
}

} // namespace

TEST_CASE("HTTP: the first line of a request or response")
{
    CHECK(tail("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 80) == ": HTTP: GET / HTTP/1.1");
    CHECK(tail("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", 8080) == ": HTTP: HTTP/1.1 200 OK");
    CHECK(tail("GET /", 80) == ": HTTP: GET / [|http]");
    CHECK(tail("x 200 abc", 80) == ": HTTP: x 200 abc [|http]");
    for (const char *other : {"HTTP/1.1 2000 OK\r\n", "HTTP/1.1", "GETX /", "GET /\x01\r\n",
                              "GET /\rX", "GET /\r", " GET /\r\n", "PATCH a", "\x16\x03\x01"})
        CHECK(tail(other, 80) == ": HTTP");
}

TEST_CASE("HTTP with -v: every line of text")
{
    CHECK(tail("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", 80, 1) ==
          ": HTTP, length: 25\n\tHTTP/1.1 200 OK\n\tA: b\n\t");
    CHECK(tail("GET /\r\nb\r\x01", 80, 1) == ": HTTP, length: 10\n\tGET /");
}

TEST_CASE("other text protocols")
{
    CHECK(tail("220 hello\r\n", 21) == ": FTP: 220 hello");
    CHECK(tail("EHLO a\r\n", 25) == ": SMTP: EHLO a");
    CHECK(tail("hello\r\n", 43) == ": WHOIS: hello");
    CHECK(tail("DESCRIBE rtsp://x RTSP/1.0\r\n", 554) == ": RTSP: DESCRIBE rtsp://x RTSP/1.0");
    CHECK(tail("GET / HTTP/1.1\r\n", 8554) == ": RTSP");
    CHECK(tail("GET / HTTP/1.1\r\n", 3128).empty());
}

TEST_CASE("SSH: the version line only")
{
    CHECK(tail("SSH-2.0-x\r\n", 22) == ": SSH: SSH-2.0-x");
    CHECK(tail("SSH-2.0-x\n", 22) == ": SSH: SSH-2.0-x");
    for (const char *other : {"SSH-2.0-x", "SSH-2.0-x\rA", "SSHX\r\n", "SSH-a\tb\r\n", "hello\r\n"})
        CHECK(tail(other, 22).empty());
    CHECK(tail("SSH", 22) == " [|ssh]");
}

TEST_CASE("payload cut by the capture")
{
    const std::string_view request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    CHECK(cut_tail(request, 2, 80) == ": HTTP");
    CHECK(cut_tail(request, 5, 80) == ": HTTP [|http]");
    CHECK(cut_tail(request, 15, 80) == ": HTTP [|http]");
    CHECK(cut_tail(request, 16, 80) == ": HTTP: GET / HTTP/1.1");
    CHECK(cut_tail("hello\r\n", 3, 21) == ": FTP [|ftp]");
    CHECK(cut_tail("SSH-2.0-abc\r\n", 6, 22) == " [|ssh]");
}

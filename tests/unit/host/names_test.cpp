// SPDX-License-Identifier: Apache-2.0
// Names of processes and pods; addresses in the kernel's form; what a refused route means;
// which listener takes which address.
#include "host/ip_address.h"
#include "host/process_name.h"
#include "host/routes.h"
#include "host/sockets.h"

#include <arpa/inet.h>
#include <catch2/catch_test_macros.hpp>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

using namespace tcptrace;

namespace {

Address address(const std::string &text)
{
    std::array<std::uint8_t, 16> bytes{};
    const int family = text.find(':') == text.npos ? AF_INET : AF_INET6;
    REQUIRE(inet_pton(family, text.c_str(), bytes.data()) == 1);
    return from_kernel(family, bytes).value();
}

// A folder that is gone afterwards.
struct Folder {
    Folder()
    {
        std::string name = "/tmp/tcptrace-pods-XXXXXX";
        REQUIRE(mkdtemp(name.data()));
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path{};
};

} // namespace

TEST_CASE("a process is named as it named itself, without control characters")
{
    std::array<char, 16> before{};
    prctl(PR_GET_NAME, before.data());
    prctl(PR_SET_NAME, "ba\x1b[d\nname");
    const auto process = name_process(static_cast<std::uint32_t>(getpid()));
    prctl(PR_SET_NAME, before.data());
    REQUIRE(process);
    CHECK(process->name == "ba?[d?name");
    CHECK(process->pid == static_cast<std::uint32_t>(getpid()));
}

TEST_CASE("a process that ended has no name")
{
    CHECK_FALSE(name_process(4'194'304)); // above the largest pid_max
}

TEST_CASE("a pod is named by the kubelet's folder of its uid, and by no other")
{
    const std::string uid = "0f3c5c0e-1a2b-4c3d-8e9f-a0b1c2d3e4f5";
    const Folder logs;
    for (const std::string name : {"shop_web-7d4_11111111-1a2b-4c3d-8e9f-a0b1c2d3e4f5",
                                   "pay_api-6c5f-x2_0f3c5c0e-1a2b-4c3d-8e9f-a0b1c2d3e4f5"})
        std::filesystem::create_directory(logs.path / name);

    ProcessName process;
    process.pod_uid = uid;
    name_pod(process, logs.path);
    CHECK(process.pod_namespace == "pay");
    CHECK(process.pod == "api-6c5f-x2");

    ProcessName stranger;
    stranger.pod_uid = "22222222-1a2b-4c3d-8e9f-a0b1c2d3e4f5";
    name_pod(stranger, logs.path);
    CHECK(stranger.pod.empty());

    ProcessName no_kubelet;
    no_kubelet.pod_uid = uid;
    name_pod(no_kubelet, logs.path / "none");
    CHECK(no_kubelet.pod.empty());

    ProcessName no_pod;
    name_pod(no_pod, logs.path);
    CHECK(no_pod.pod.empty());
}

TEST_CASE("addresses to and from the kernel's form")
{
    CHECK(to_string(address("10.63.0.1")) == "10.63.0.1");
    CHECK(to_string(address("fd63::1")) == "fd63::1");
    CHECK(address("::ffff:10.63.0.1") == address("10.63.0.1"));
    CHECK(address("::ffff:10.63.0.1").family == TT_IPV4);
    CHECK(kernel_bytes(address("10.63.0.1")).size() == 4);
    CHECK(kernel_bytes(address("fd63::1")).size() == 16);
    CHECK_FALSE(from_kernel(AF_INET6, std::array<std::uint8_t, 4>{}));
    CHECK_FALSE(from_kernel(AF_UNIX, std::array<std::uint8_t, 16>{}));
    CHECK(is_any(address("0.0.0.0")));
    CHECK(is_any(address("::")));
    CHECK_FALSE(is_any(address("0.0.0.1")));
    CHECK(is_loopback(address("127.1.2.3")));
    CHECK(is_loopback(address("::1")));
    CHECK_FALSE(is_loopback(address("fd63::1")));
    CHECK_FALSE(is_loopback(address("::")));
}

TEST_CASE("what a refusal says of a route")
{
    CHECK(route_kind_of(ENETUNREACH) == RouteKind::None);
    CHECK(route_kind_of(EHOSTUNREACH) == RouteKind::Unreachable);
    CHECK(route_kind_of(EACCES) == RouteKind::Prohibit);
    CHECK(route_kind_of(EINVAL) == RouteKind::Blackhole);
    CHECK_FALSE(route_kind_of(ETIMEDOUT));
    CHECK_FALSE(route_kind_of(EPERM));
}

TEST_CASE("which listener takes a SYN")
{
    const auto bound = [](const std::string &text, bool only_ipv6 = false) {
        Listener listener;
        listener.fact.bound.address = address(text);
        listener.fact.any_address = is_any(listener.fact.bound.address);
        listener.only_ipv6 = only_ipv6;
        return listener;
    };
    const Address v4 = address("10.63.0.1");
    const Address v6 = address("fd63::1");

    CHECK(takes(bound("0.0.0.0"), v4));
    CHECK_FALSE(takes(bound("0.0.0.0"), v6));
    CHECK(takes(bound("::"), v4));
    CHECK(takes(bound("::"), v6));
    CHECK_FALSE(takes(bound("::", true), v4));
    CHECK(takes(bound("::", true), v6));
    CHECK(takes(bound("10.63.0.1"), v4));
    CHECK_FALSE(takes(bound("127.0.0.1"), v4));
    CHECK_FALSE(takes(bound("fd63::2"), v6));
}

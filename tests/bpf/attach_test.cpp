// SPDX-License-Identifier: Apache-2.0
// Programs on interfaces, against the running kernel: what is attached is there, what is
// let go leaves nothing behind, and nothing foreign is touched. Not what programs see.
#include "source/attach.h"
#include "source/interfaces.h"
#include "source/netns.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

using namespace tcptrace;

namespace {

constexpr std::uint32_t our_place = 0x7463; // as in attach.cpp, and so in what it left

bool run(const std::string &command)
{
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

// r0 = verdict; exit
UniqueFd load(bpf_prog_type type, const char *name, int verdict)
{
    const std::array<bpf_insn, 2> code{bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, verdict},
                                       bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    return UniqueFd(bpf_prog_load(type, name, "GPL", code.data(), code.size(), nullptr));
}

UniqueFd load_tc(const char *name)
{
    return load(BPF_PROG_TYPE_SCHED_CLS, name, -1); // TCX_NEXT, TC_ACT_UNSPEC
}

std::uint32_t id_of(const UniqueFd &program)
{
    bpf_prog_info info{};
    __u32 length = sizeof info;
    REQUIRE(bpf_prog_get_info_by_fd(program.get(), &info, &length) == 0);
    return info.id;
}

// A namespace of this test with a veth, tt0 and tt1, in it; the test is moved in and back.
class Namespace {
public:
    Namespace() : home_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC))
    {
        if (geteuid() != 0)
            SKIP("attaching programs takes root");
        if (!run("ip netns add " + name))
            SKIP("cannot make a network namespace with `ip netns add`");
        made_ = true;
        REQUIRE(enter_netns(name));
        if (!run("ip link add tt0 type veth peer name tt1"))
            SKIP("this kernel has no veth");
        run("ip link set tt0 up; ip link set tt1 up");
    }
    ~Namespace()
    {
        setns(home_.get(), CLONE_NEWNET);
        if (made_)
            run("ip netns del " + name);
    }
    Namespace(const Namespace &) = delete;
    Namespace &operator=(const Namespace &) = delete;

    const std::string name = fmt::format("tt-attach-{}", getpid());

private:
    UniqueFd home_;
    bool made_ = false;
};

Interface tt0()
{
    const auto interface = find_interface("tt0");
    REQUIRE(interface);
    return *interface;
}

// Ids of TCX programs at a hook; {-errno} where the kernel has none of it. By hand, since the
// headers of Debian 12 know no TCX: 46 is BPF_TCX_INGRESS, 47 BPF_TCX_EGRESS.
std::vector<std::int64_t> tcx_programs(const Interface &interface, int type)
{
    std::array<__u32, 64> ids{};
    LIBBPF_OPTS(bpf_prog_query_opts, opts, .prog_ids = ids.data(), .prog_cnt = ids.size());
    const int error = bpf_prog_query_opts(static_cast<int>(interface.index),
                                          static_cast<bpf_attach_type>(type), &opts);
    if (error == -ENOENT)
        return {};
    if (error != 0)
        return {error};
    return {ids.begin(), ids.begin() + opts.prog_cnt};
}

bool has_tcx(const Interface &interface)
{
    const auto programs = tcx_programs(interface, 46);
    return programs.empty() || programs.front() >= 0;
}

bpf_tc_hook hook_of(const Interface &interface, bpf_tc_attach_point point)
{
    bpf_tc_hook hook{};
    hook.sz = sizeof hook;
    hook.ifindex = static_cast<int>(interface.index);
    hook.attach_point = point;
    return hook;
}

// Id of the filter's program at a priority (and the same handle), 0 if there is none.
std::uint32_t filter_at(const Interface &interface, bpf_tc_attach_point point, std::uint32_t place)
{
    const bpf_tc_hook hook = hook_of(interface, point);
    LIBBPF_OPTS(bpf_tc_opts, opts, .handle = place, .priority = place);
    return bpf_tc_query(&hook, &opts) == 0 ? opts.prog_id : 0;
}

bool put_filter(const Interface &interface, const UniqueFd &program, std::uint32_t place)
{
    bpf_tc_hook hook = hook_of(interface, BPF_TC_INGRESS);
    bpf_tc_hook_create(&hook); // it may be there
    LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = program.get(), .handle = place, .priority = place);
    return bpf_tc_attach(&hook, &opts) == 0;
}

bool has_clsact(const Interface &interface)
{
    return run("tc qdisc show dev " + interface.name + " clsact | grep clsact");
}

bool has_xdp(const Interface &interface)
{
    __u32 id = 0;
    return bpf_xdp_query_id(static_cast<int>(interface.index), 0, &id) == 0 && id != 0;
}

struct Programs {
    UniqueFd in = load_tc("tcptrace_in");
    UniqueFd out = load_tc("tcptrace_out");
    UniqueFd foreign = load_tc("somebody_else");
    UniqueFd xdp = load(BPF_PROG_TYPE_XDP, "tcptrace_xdp", 2 /* XDP_PASS */);

    Attachment::Programs tc() const
    {
        REQUIRE(in);
        REQUIRE(out);
        return {.tc_ingress = in.get(), .tc_egress = out.get(), .xdp_ingress = -1};
    }
};

using Ids = std::vector<std::int64_t>;

// What poll() tells until `done` is content, for two seconds at most.
template <typename Done>
bool told(InterfaceWatch &watch, Done done)
{
    for (int rounds = 0; rounds < 20; rounds++) {
        pollfd ready{watch.fd(), POLLIN, 0};
        ::poll(&ready, 1, 100);
        if (done(watch.poll()))
            return true;
    }
    return false;
}

} // namespace

TEST_CASE("TCX links go before others and leave nothing")
{
    const Namespace space;
    const Interface interface = tt0();
    if (!has_tcx(interface))
        SKIP("this kernel has no TCX (it came with Linux 6.6)");
    const Programs programs;
    const UniqueFd other(bpf_link_create(programs.foreign.get(), static_cast<int>(interface.index),
                                         static_cast<bpf_attach_type>(46), nullptr));
    REQUIRE(other);
    const Ids theirs{id_of(programs.foreign)};
    {
        auto attachment = Attachment::attach(interface, programs.tc(), true);
        REQUIRE(attachment);
        CHECK(tcx_programs(interface, 46) == Ids{id_of(programs.in), theirs.front()});
        CHECK(tcx_programs(interface, 47) == Ids{id_of(programs.out)});
        CHECK_FALSE(has_clsact(interface));
        const Attachment moved = std::move(*attachment);
        CHECK(tcx_programs(interface, 47).size() == 1);
    }
    CHECK(tcx_programs(interface, 46) == theirs);
    CHECK(tcx_programs(interface, 47).empty());
}

TEST_CASE("clsact filters are taken off and foreign ones stay")
{
    const Namespace space;
    const Interface interface = tt0();
    const Programs programs;
    REQUIRE(put_filter(interface, programs.foreign, 1));
    {
        auto attachment = Attachment::attach(interface, programs.tc(), false);
        REQUIRE(attachment);
        CHECK(filter_at(interface, BPF_TC_INGRESS, our_place) == id_of(programs.in));
        CHECK(filter_at(interface, BPF_TC_EGRESS, our_place) == id_of(programs.out));
        const Attachment moved = std::move(*attachment);
        CHECK(filter_at(interface, BPF_TC_INGRESS, our_place) == id_of(programs.in));
    }
    CHECK(filter_at(interface, BPF_TC_INGRESS, our_place) == 0);
    CHECK(filter_at(interface, BPF_TC_EGRESS, our_place) == 0);
    CHECK(filter_at(interface, BPF_TC_INGRESS, 1) == id_of(programs.foreign));
    CHECK(has_clsact(interface)); // others may use it
}

TEST_CASE("our place held by a foreign filter is an error and stays held")
{
    const Namespace space;
    const Interface interface = tt0();
    const Programs programs;
    REQUIRE(put_filter(interface, programs.foreign, our_place));

    CHECK_FALSE(Attachment::attach(interface, programs.tc(), false));
    CHECK(remove_leftovers(interface) == 0);
    CHECK(filter_at(interface, BPF_TC_INGRESS, our_place) == id_of(programs.foreign));
    CHECK(filter_at(interface, BPF_TC_EGRESS, our_place) == 0);
}

TEST_CASE("what took our filter's place is not taken off")
{
    const Namespace space;
    const Interface interface = tt0();
    const Programs programs;
    const Programs later;
    auto first = Attachment::attach(interface, programs.tc(), false);
    REQUIRE(first);
    const auto second = Attachment::attach(interface, later.tc(), false); // replaces
    REQUIRE(second);
    CHECK(filter_at(interface, BPF_TC_INGRESS, our_place) == id_of(later.in));
    {
        const Attachment ended = std::move(*first);
    }
    CHECK(filter_at(interface, BPF_TC_INGRESS, our_place) == id_of(later.in));
    CHECK(filter_at(interface, BPF_TC_EGRESS, our_place) == id_of(later.out));
}

TEST_CASE("what a killed process left is removed, what others left is not")
{
    const Namespace space;
    const Interface interface = tt0();
    const Programs programs;
    REQUIRE(put_filter(interface, programs.foreign, 1));
    const pid_t child = fork();
    if (child == 0) {
        const auto attachment = Attachment::attach(
            interface, {.tc_ingress = programs.in.get(), .tc_egress = programs.out.get()}, false);
        raise(attachment ? SIGKILL : SIGTERM);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WTERMSIG(status) == SIGKILL);
    REQUIRE(filter_at(interface, BPF_TC_INGRESS, our_place) == id_of(programs.in));

    CHECK(remove_leftovers(interface) == 2);
    CHECK(filter_at(interface, BPF_TC_INGRESS, our_place) == 0);
    CHECK(filter_at(interface, BPF_TC_EGRESS, our_place) == 0);
    CHECK(filter_at(interface, BPF_TC_INGRESS, 1) == id_of(programs.foreign));
    CHECK(remove_leftovers(interface) == 0);
}

TEST_CASE("XDP by a link, one at a time")
{
    const Namespace space;
    const Interface interface = tt0();
    const Programs programs;
    Attachment::Programs with_xdp = programs.tc();
    REQUIRE(programs.xdp);
    with_xdp.xdp_ingress = programs.xdp.get();
    {
        const auto attachment = Attachment::attach(interface, with_xdp, false);
        REQUIRE(attachment);
        CHECK(attachment->note().empty()); // a veth has native XDP
        CHECK(has_xdp(interface));
        CHECK(filter_at(interface, BPF_TC_INGRESS, our_place) == 0);
        CHECK(filter_at(interface, BPF_TC_EGRESS, our_place) == id_of(programs.out));

        const auto second = Attachment::attach(interface, with_xdp, false);
        REQUIRE_FALSE(second);
        CHECK(second.error().message == "another program is at the XDP hook of tt0");
        CHECK(filter_at(interface, BPF_TC_EGRESS, our_place) == id_of(programs.out));
    }
    CHECK_FALSE(has_xdp(interface));
}

TEST_CASE("XDP that a driver refuses runs behind it and says so")
{
    const Namespace space;
    const auto interface = find_interface("lo");
    const Programs programs;
    REQUIRE(interface);
    Attachment::Programs with_xdp = programs.tc();
    with_xdp.xdp_ingress = programs.xdp.get();
    const auto attachment = Attachment::attach(*interface, with_xdp, true);
    REQUIRE(attachment);
    CHECK(has_xdp(*interface));
    CHECK(attachment->note().find(" of lo ") != std::string::npos);
}

TEST_CASE("an interface that went away is told apart")
{
    const Namespace space;
    const Interface interface = tt0();
    const Programs programs;
    auto attachment = Attachment::attach(interface, programs.tc(), false);
    REQUIRE(attachment);
    CHECK_FALSE(is_gone(interface));
    REQUIRE(run("ip link del tt0"));
    CHECK(is_gone(interface));
    for (const bool try_tcx : {false, true})
        CHECK_FALSE(Attachment::attach(interface, programs.tc(), try_tcx));
    CHECK(remove_leftovers(interface) == 0);
}

TEST_CASE("interfaces are seen to come and go")
{
    const Namespace space;
    auto watch = InterfaceWatch::open();
    REQUIRE(watch);
    CHECK(watch->poll().present.empty());
    const auto all = watch->list();
    CHECK(std::ranges::count(all, "tt0", &Interface::name) == 1);
    CHECK(std::ranges::count(all, ARPHRD_LOOPBACK, &Interface::type) == 1);

    REQUIRE(run("ip link add tt2 type veth peer name tt3"));
    const auto added = find_interface("tt2");
    REQUIRE(added);
    CHECK(added->type == ARPHRD_ETHER);
    CHECK(told(*watch, [](const auto &changes) {
        return std::ranges::count(changes.present, "tt2", &Interface::name) > 0;
    }));
    REQUIRE(run("ip link del tt2"));
    CHECK(told(*watch, [&added](const auto &changes) {
        return std::ranges::count(changes.gone, added->index) > 0;
    }));
    CHECK(watch->poll().gone.empty());
}

TEST_CASE("more changes than are kept are told as an overrun")
{
    const Namespace space;
    auto watch = InterfaceWatch::open();
    REQUIRE(watch);
    const int small = 1;
    setsockopt(watch->fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int each = 0; each < 8; each++)
        REQUIRE(run("ip link set tt0 down && ip link set tt0 up"));
    CHECK(watch->poll().overrun);
    CHECK_FALSE(watch->poll().overrun);
}

TEST_CASE("names that are missing give a sentence")
{
    const auto interface = find_interface("no-such");
    REQUIRE_FALSE(interface);
    CHECK(interface.error().status == Status::CannotRun);
    CHECK(interface.error().message == "no such interface: \"no-such\"");

    const auto missing = enter_netns("tt-missing");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().message ==
          "cannot open the network namespace /run/netns/tt-missing: No such file or directory");
    const auto no_namespace = enter_netns("/dev/null");
    REQUIRE_FALSE(no_namespace);
    CHECK(no_namespace.error().message.starts_with("cannot enter the network namespace /dev/null"));
}

TEST_CASE("a namespace is told from the one init is in")
{
    const std::uint32_t home = current_netns_inode();
    CHECK(home != 0);
    {
        const Namespace space;
        CHECK(current_netns_inode() != home);
        CHECK_FALSE(in_initial_netns());
    }
    CHECK(current_netns_inode() == home);
}

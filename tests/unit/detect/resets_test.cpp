// SPDX-License-Identifier: Apache-2.0
// Who ended it: the causes of the three diagnoses about resets, told apart by the stack's
// word, by what this machine knows, and by the packets alone.
#include "support/judged.h"

#include <csignal>
#include <cstring>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

tt_stack_view by(tt_reset_why why)
{
    tt_stack_view view{};
    view.why = why;
    return view;
}

tt_stack_view by_process(tt_reset_why why)
{
    tt_stack_view view = by(why);
    view.pid = 4242;
    std::strcpy(view.process, "api");
    return view;
}

tt_stack_view by_dying(tt_reset_why why, int signal, double died_ms)
{
    tt_stack_view view = by_process(why);
    view.exiting = 1;
    view.signal = static_cast<tt_u8>(signal);
    view.died_ns = signal ? static_cast<tt_u64>((1000 + died_ms) * 1e6) : 0;
    return view;
}

Judged with_data()
{
    return std::move(Judged().handshake().say(50, data(101, 10)).say(51, answer(111)));
}

// The server is this machine, asked after all that is told here.
HostFacts server_here(std::vector<ListenerFact> listeners = {})
{
    HostFacts facts;
    facts.asked_ns = 100 * TT_NSEC_PER_SEC;
    facts.ends[1].emplace();
    facts.ends[1]->listeners_known = true;
    facts.ends[1]->listeners = std::move(listeners);
    return facts;
}

Address server_address()
{
    return Judged().say(0, syn).flow().connection().responder.address;
}

ListenerFact listener(const Address &address, bool any = false)
{
    ListenerFact fact;
    fact.bound = {address, 80};
    fact.any_address = any;
    fact.takes_it = any || address == server_address();
    fact.owner =
        ProcessName{.pid = 17, .name = "web", .container = {}, .pod_namespace = {}, .pod = {}};
    return fact;
}

Address localhost()
{
    Address address = server_address();
    const std::uint8_t bytes[]{127, 0, 0, 1};
    std::ranges::copy(bytes, address.raw.bytes + 12);
    return address;
}

HostFacts with_rule(HostFacts facts)
{
    facts.rule.emplace();
    facts.rule->family = "inet";
    facts.rule->table = "filter";
    facts.rule->chain = "input";
    facts.rule->text = "tcp dport 80 reject with tcp reset";
    facts.rule->list_it = "nft list chain inet filter input";
    return facts;
}

// The server's firewall threw the client's segment away, as a rule that rejects does.
DropSeen rejected(double ms)
{
    DropSeen drop{.reason = "NETFILTER_DROP",
                  .function = "nft_do_chain",
                  .hook = "input",
                  .interface = "eth0"};
    drop.flags = TT_SYN;
    drop.sender = static_cast<std::uint8_t>(Judged().say(0, syn).flow().initiator());
    drop.count = 1;
    drop.first_ns = drop.last_ns = static_cast<std::uint64_t>((1000 + ms) * 1e6);
    return drop;
}

} // namespace

TEST_CASE("reset_after_data: the stack's word")
{
    struct Row {
        tt_stack_view view;
        const char *cause;
        const char *why;
    };
    for (const Row &row :
         {Row{by_dying(TT_RESET_UNREAD_DATA, SIGSEGV, 57), "process_killed",
              "pid 4242 api was killed by SIGSEGV 3.0 ms before the RST"},
          Row{by_dying(TT_RESET_NOT_ACCEPTED, SIGKILL, 60), "process_killed",
              "pid 4242 api was killed by SIGKILL"},
          Row{by_dying(TT_RESET_UNREAD_DATA, 0, 0), "process_exited",
              "pid 4242 api exited, and the kernel reset what it held"},
          Row{by_process(TT_RESET_UNREAD_DATA), "closed_with_unread_data",
              "pid 4242 api closed it with data that it had not read"},
          Row{by_process(TT_RESET_ABORTED), "aborted_by_application",
              "pid 4242 api aborted it (SO_LINGER 0, or disconnected)"},
          Row{by(TT_RESET_NO_SOCKET), "connection_unknown",
              "the server's host does not know the connection: it was restarted, or had closed it"},
          Row{by(TT_RESET_KEEPALIVE), "keepalive_timeout",
              "the server gave up: its keep-alive probes had no answer"}}) {
        CAPTURE(row.cause, row.why);
        // Whether an interface or the stack speaks first.
        for (const bool wire_first : {true, false}) {
            Judged told = with_data();
            if (wire_first)
                told.say(60, reset()).stack_reset(60, TT_STAGE_DATA, row.view);
            else
                told.stack_reset(60, TT_STAGE_DATA, row.view).say(60, reset());
            const auto said = told.told("reset_after_data", 99);
            CHECK(said.cause == row.cause);
            CHECK(said.confidence == Confidence::Certain);
            CHECK(said.words.why == row.why);
            CHECK(said.words.who == (row.view.pid ? "pid 4242 api" : ""));
            CHECK(said.words.process.has_value() == (row.view.pid != 0));
            CHECK_FALSE(said.words.advice.empty());
        }
    }
}

TEST_CASE("reset_after_data: the container of the process, if this machine knows it")
{
    HostFacts facts = server_here({listener(server_address())});
    ProcessName &owner = *facts.ends[1]->listeners.front().owner;
    owner.container = "3f9c0123456789abcdef";
    owner.pod_namespace = "production";
    owner.pod = "api-b";
    Judged told = std::move(
        with_data().stack_reset(60, TT_STAGE_DATA, by_process(TT_RESET_ABORTED)).learn(facts));
    CHECK(told.told("reset_after_data", 99).words.who == "pid 4242 api"); // that was pid 17
    owner.pid = 4242;
    owner.name = "api";
    const std::string whole = "pid 4242 api · container 3f9c01234567 · pod production/api-b";
    CHECK(told.learn(facts).told("reset_after_data", 99).words.who == whole);
    HostFacts asked;
    asked.process = owner;
    CHECK(told.learn(asked).told("reset_after_data", 99).words.who == whole);
}

TEST_CASE("reset_after_data: the first of the stack's words counts")
{
    Judged told = with_data();
    told.say(60, reset()).stack_reset(60, TT_STAGE_DATA, by_process(TT_RESET_ABORTED));
    told.stack_reset(70, TT_STAGE_UNKNOWN, by(TT_RESET_NO_SOCKET)); // for what came later
    CHECK(told.of("reset_after_data", 99) == "aborted_by_application");
    // The peer's answer to it is not the reset.
    told = with_data();
    told.say(60, reset()).stack_reset(61, TT_STAGE_DATA, by(TT_RESET_NO_SOCKET), true);
    CHECK(told.of("reset_after_data", 99) == "aborted_by_peer");
}

TEST_CASE("reset_after_data: after a FIN only if the process was killed, and not politely")
{
    constexpr Said fin{
        .from_client = false, .flags = TT_FIN | TT_ACK, .sequence = 901, .acknowledgment = 111};
    const auto reset_after_fin = [&](const tt_stack_view &view) {
        Judged told = with_data();
        told.say(60, fin).say(70, data(111, 10)).stack_reset(70, TT_STAGE_CLOSING, view);
        return told.say(70, reset()).of("reset_after_data", 99);
    };
    CHECK(reset_after_fin(by_dying(TT_RESET_AFTER_CLOSE, SIGKILL, 59)) == "process_killed");
    CHECK(reset_after_fin(by_dying(TT_RESET_AFTER_CLOSE, SIGSEGV, 59)) == "process_killed");
    CHECK(reset_after_fin(by_dying(TT_RESET_AFTER_CLOSE, SIGTERM, 59)) == "none");
    CHECK(reset_after_fin(by_dying(TT_RESET_AFTER_CLOSE, 0, 0)) == "none");
    CHECK(reset_after_fin(by(TT_RESET_AFTER_CLOSE)) == "none");
}

TEST_CASE("reset_after_data: a firewall, by its distance or by the stack's silence")
{
    Said forged = reset();
    forged.ttl = 57;
    CHECK(with_data().say(60, forged).of("reset_after_data", 99) == "firewall");
    // Another initial TTL, but as many hops away: some stacks reset with 255 or 128.
    for (const int ttl : {64, 128, 255}) {
        forged.ttl = static_cast<std::uint8_t>(ttl);
        CHECK(with_data().say(60, forged).of("reset_after_data", 99) == "aborted_by_peer");
    }
    const auto unexplained = [] {
        return std::move(Judged().live().handshake().say(50, data(101, 10)).say(60, reset()));
    };
    Judged told = unexplained();
    CHECK(told.of("reset_after_data", 99) == "aborted_by_peer");
    CHECK(told.learn(server_here()).told("reset_after_data", 99).confidence == Confidence::Likely);
    const auto named = unexplained()
                           .drop(rejected(60))
                           .learn(with_rule(server_here()))
                           .told("reset_after_data", 99);
    CHECK(named.cause == "firewall");
    CHECK(named.confidence == Confidence::Certain);
    CHECK(named.words.where.contains("inet filter input"));
    // Asked before the reset came, or of the other end, this machine's answer proves nothing.
    HostFacts early = server_here();
    early.asked_ns = TT_NSEC_PER_SEC;
    CHECK(told.learn(early).of("reset_after_data", 99) == "aborted_by_peer");
    HostFacts other_end = server_here();
    std::swap(other_end.ends[0], other_end.ends[1]);
    CHECK(told.learn(other_end).of("reset_after_data", 99) == "aborted_by_peer");
    // A kernel that does not tell of all resets.
    CHECK(with_data().say(60, reset()).learn(server_here()).of("reset_after_data", 99) ==
          "aborted_by_peer");
}

TEST_CASE("reset_after_data: keep-alive probes without an answer, then the prober's reset")
{
    constexpr Said probe{.sequence = 110, .acknowledgment = 901};
    Judged told = with_data();
    for (const double ms : {1000.0, 2000.0, 3000.0})
        told.say(ms, probe);
    CHECK(told.flow().unanswered_probes(told.flow().initiator()) == 3);
    CHECK(told.say(4000, reset(true)).of("reset_after_data", 4000) == "keepalive_timeout");

    Judged idle = std::move(Judged().handshake());
    for (const double ms : {1000.0, 2000.0})
        idle.say(ms, {.sequence = 100, .acknowledgment = 901});
    idle.say(3000, reset(true));
    CHECK(idle.of("reset_after_data", 3000) == "keepalive_timeout");
    CHECK(idle.of("reset_after_handshake", 3000) == "none");

    Judged answered = with_data();
    for (const double ms : {1000.0, 2000.0, 3000.0})
        answered.say(ms, probe).say(ms + 1, answer(111));
    CHECK(answered.say(4000, reset(true)).of("reset_after_data", 4000) == "aborted_by_peer");
}

TEST_CASE("reset_after_handshake: at once by the client it is a probe, later it gave up")
{
    constexpr Said bare{.flags = TT_RST, .sequence = 101, .window = 0};
    const char *id = "reset_after_handshake";
    CHECK(Judged().say(0, syn).say(10, synack).say(11, bare).of(id, 99) == "none");
    CHECK(Judged().handshake().say(30, reset(true)).of(id, 99) == "none");
    CHECK(Judged().handshake().say(1500, reset(true)).of(id, 1500) == "client_gave_up");
    CHECK(Judged().say(0, syn).say(1000, syn).say(2500, synack).say(2501, bare).of(id, 2501) ==
          "client_gave_up");
    const auto told = std::move(Judged().handshake().say(1500, reset(true)))
                          .stack_reset(1500, TT_STAGE_HANDSHAKE, by_process(TT_RESET_ABORTED), true)
                          .told(id, 1500);
    CHECK(told.cause == "client_gave_up");
    CHECK(told.confidence == Confidence::Certain);
    CHECK(told.words.who == "pid 4242 api");
}

TEST_CASE("reset_after_handshake: the server's")
{
    const char *id = "reset_after_handshake";
    const auto sent = [](const tt_stack_view &view) {
        return std::move(
            Judged().handshake().say(30, reset()).stack_reset(30, TT_STAGE_HANDSHAKE, view));
    };
    CHECK(sent(by_process(TT_RESET_ABORTED)).of(id, 99) == "aborted_by_application");
    CHECK(sent(by_dying(TT_RESET_NOT_ACCEPTED, SIGKILL, 29)).told(id, 99).words.why ==
          "pid 4242 api was killed by SIGKILL 1.0 ms before the RST");
    CHECK(sent(by(TT_RESET_NO_SOCKET)).of(id, 99) == "aborted_by_peer");
    Judged silent = std::move(Judged().live().handshake().say(30, reset()));
    CHECK(silent.of(id, 99) == "aborted_by_peer");
    CHECK(silent.learn(server_here()).of(id, 99) == "firewall");
}

TEST_CASE("connection_refused: who refused")
{
    const char *id = "connection_refused";
    const auto refused = [](bool by_stack) {
        Judged told = std::move(Judged().live().say(0, syn));
        if (by_stack)
            told.stack_reset(1, TT_STAGE_SYN, by(TT_RESET_NO_SOCKET));
        return std::move(told.say(1, refusal));
    };
    CHECK(refused(false).of(id, 99) == "refused_by_peer");
    CHECK(refused(true).told(id, 99).confidence == Confidence::Likely);
    const auto nobody = refused(true).learn(server_here()).told(id, 99);
    CHECK(nobody.cause == "no_listener");
    CHECK(nobody.confidence == Confidence::Certain);
    const auto elsewhere = refused(true).learn(server_here({listener(localhost())})).told(id, 99);
    CHECK(elsewhere.cause == "listening_elsewhere");
    CHECK(elsewhere.words.who == "pid 17 web");
    CHECK(elsewhere.words.process->pid == 17);
    // It began to listen since.
    CHECK(refused(true).learn(server_here({listener(server_address())})).of(id, 99) ==
          "no_listener");
    CHECK(refused(true).learn(server_here({listener({}, true)})).of(id, 99) == "no_listener");
    // No stack of this machine sent it.
    CHECK(refused(false).learn(server_here()).told(id, 99).confidence == Confidence::Likely);
    const auto named =
        refused(false).drop(rejected(1)).learn(with_rule(server_here())).told(id, 99);
    CHECK(named.cause == "rejected_by_firewall");
    CHECK(named.confidence == Confidence::Certain);
    CHECK(named.words.advice.front() == "nft list chain inet filter input");
}

TEST_CASE(
    "connection_refused: not if a rule keeps the refusal from the client, which hears nothing")
{
    Judged judged = std::move(Judged().live().say(0, syn));
    judged.stack_reset(1, TT_STAGE_SYN, by(TT_RESET_NO_SOCKET));
    CHECK(judged.of("connection_refused", 4000) == "no_listener");
    DropSeen of_reset = rejected(1);
    of_reset.sender ^= 1U;
    of_reset.flags = TT_RST | TT_ACK;
    judged.drop(of_reset);
    CHECK(judged.of("connection_refused", 4000) == "none");
    CHECK(judged.verdict("syn_timeout", 4000)->locus == "reply_dropped_here");
    const auto silence = judged.told("syn_timeout", 4000);
    CHECK(silence.cause == "filtered_on_this_node");
    CHECK(silence.words.where.starts_with("the RST was dropped"));

    of_reset.reason = "NO_SOCKET"; // the client's program went away: nobody waits for that reset
    of_reset.function = "tcp_v4_rcv";
    Judged closed;
    closed.say(0, syn).say(1, refusal).drop(of_reset);
    CHECK(closed.of("connection_refused", 4000) == "refused_by_peer");
}

TEST_CASE("connection_refused: a rule here that rejects as if the host were not there")
{
    const auto unreachable = [] { return std::move(Judged().say(0, syn).icmp(5, syn, 3, 1)); };
    Judged rejects = unreachable();
    rejects.drop(rejected(1)).learn(with_rule(server_here()));
    const auto named = rejects.told("connection_refused", 99);
    CHECK(named.cause == "rejected_by_firewall");
    CHECK(named.confidence == Confidence::Certain);
    CHECK_FALSE(named.words.why.contains("no TCP stack"));
    // A rule that only drops is not what said it.
    CHECK(unreachable().drop(rejected(1)).of("connection_refused", 99) == "none");
}

TEST_CASE("connection_refused: a kernel that is silent about closed ports leaves it to its sockets")
{
    const char *id = "connection_refused";
    const auto refused = [] { return std::move(Judged().say(0, syn).say(1, refusal)); };
    CHECK(refused().learn(server_here()).told(id, 99).confidence == Confidence::Likely);
    CHECK(refused().learn(server_here()).of(id, 99) == "no_listener");
    CHECK(refused().learn(server_here({listener(localhost())})).of(id, 99) ==
          "listening_elsewhere");
    CHECK(refused().learn(server_here({listener({}, true)})).of(id, 99) == "refused_by_peer");
}

// SPDX-License-Identifier: Apache-2.0
#include "app/inquiry.h"

#include "app/dropped_packet.h"
#include "host/firewall.h"
#include "host/machine.h"

#include <chrono>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace tcptrace {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t waiting_max = 256;
constexpr std::size_t crowd = 8; // with so many waiting, like questions share an answer
constexpr auto beginning = 1500ms;
constexpr auto for_rules_at_first = 500ms;
constexpr auto for_facts = 500ms;
constexpr auto for_rule = 3s; // 20,000 rules are listed in about 2 s
constexpr auto settling = 5s;
constexpr std::uint64_t shared_for_ns = TT_NSEC_PER_SEC;

std::uint64_t boot_time_ns()
{
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * TT_NSEC_PER_SEC +
           static_cast<std::uint64_t>(time.tv_nsec);
}

Deadline in(std::chrono::steady_clock::duration time)
{
    return std::chrono::steady_clock::now() + time;
}

// A question with a copy of what it needs of the flow, which lives on another thread.
struct Asked {
    tt_flow_key key{};
    Question question{};
    std::optional<DropToExplain> drop{};
};

// What the thread alone knows.
class Desk {
public:
    explicit Desk(Machine machine) : machine_(std::move(machine)) {}

    void begin()
    {
        machine_.begin(boot_time_ns(), in(beginning));
        const Deadline deadline = in(for_rules_at_first);
        for (const Namespace &each : machine_.namespaces().all()) {
            if (passed(deadline))
                break;
            if (const auto visit = machine_.namespaces().enter(each.inode))
                firewall_.note({each.inode, each.name}, deadline);
        }
    }

    [[nodiscard]] std::vector<std::string> notes() const { return machine_.notes(); }

    [[nodiscard]] HostFacts answer(const Asked &asked, bool many)
    {
        const std::uint64_t now = boot_time_ns();
        if (many && is_like_last(asked) && now < last_facts_.asked_ns + shared_for_ns)
            return last_facts_;
        HostFacts facts = machine_.look(asked.question, now, in(for_facts));
        if (asked.drop)
            facts.rule = rule_for(*asked.drop, facts);
        last_ = asked;
        last_facts_ = facts;
        for (std::optional<EndFacts> &end : last_facts_.ends) {
            if (end)
                end->socket.reset(); // that is of one connection only
        }
        return facts;
    }

private:
    // Of the same two hosts, to the same port, with the same fate.
    [[nodiscard]] bool is_like_last(const Asked &asked) const
    {
        return last_ && last_->question.netns == asked.question.netns &&
               last_->question.connection.initiator.address ==
                   asked.question.connection.initiator.address &&
               last_->question.connection.responder == asked.question.connection.responder &&
               last_->drop.has_value() == asked.drop.has_value() &&
               (!asked.drop || asked.drop->is_like(*last_->drop));
    }

    [[nodiscard]] std::optional<FirewallRule> rule_for(DropToExplain drop, const HostFacts &facts)
    {
        drop.packet.source_is_here = is_in(facts, drop.by_initiator ? 0 : 1, drop.netns);
        drop.packet.destination_is_here = is_in(facts, drop.by_initiator ? 1 : 0, drop.netns);
        const auto visit = machine_.namespaces().enter(drop.netns);
        if (!visit)
            return std::nullopt;
        const Namespace *place = machine_.namespaces().find(drop.netns);
        const bool is_home = drop.netns == machine_.namespaces().home();
        return firewall_
            .rule_for({drop.netns, place && !is_home ? place->name : std::string()}, drop.packet,
                      in(for_rule))
            .rule;
    }

    // Empty: it is not known where that end is.
    [[nodiscard]] static std::optional<bool> is_in(const HostFacts &facts, std::size_t end,
                                                   std::uint32_t netns)
    {
        if (!facts.ends[end])
            return std::nullopt;
        return facts.ends[end]->netns == netns;
    }

    Machine machine_;
    Firewall firewall_;
    std::optional<Asked> last_{};
    HostFacts last_facts_{};
};

} // namespace

struct Inquiry::Shared {
    mutable std::mutex mutex{};
    std::condition_variable_any changed{};
    std::deque<Asked> waiting{};
    std::vector<Answer> answered{};
    std::vector<std::string> notes{};
    bool begun = false;
    bool busy = false;
    std::jthread thread{}; // last: it ends before what it uses

    void work(const std::stop_token &stop, Machine machine)
    {
        Desk desk(std::move(machine));
        desk.begin();
        std::unique_lock lock(mutex);
        notes = desk.notes();
        begun = true;
        changed.notify_all();
        while (changed.wait(lock, stop, [this] { return !waiting.empty(); })) {
            const Asked asked = std::move(waiting.front());
            waiting.pop_front();
            const bool many = waiting.size() >= crowd;
            busy = true;
            lock.unlock();
            HostFacts facts = desk.answer(asked, many);
            lock.lock();
            busy = false;
            answered.push_back({asked.key, std::move(facts)});
            notes = desk.notes();
            changed.notify_all();
        }
    }
};

Inquiry::Inquiry(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}
Inquiry::~Inquiry() = default;

Result<std::unique_ptr<Inquiry>> Inquiry::begin()
{
    auto machine = Machine::open();
    if (!machine)
        return std::unexpected(machine.error());
    auto shared = std::make_unique<Shared>();
    Shared &within = *shared;
    within.thread = std::jthread([&within](const std::stop_token &stop,
                                           Machine given) { within.work(stop, std::move(given)); },
                                 std::move(*machine));
    std::unique_lock lock(within.mutex);
    within.changed.wait_for(lock, beginning + for_rules_at_first, [&] { return within.begun; });
    lock.unlock();
    return std::unique_ptr<Inquiry>(new Inquiry(std::move(shared)));
}

bool Inquiry::ask(const Flow &flow)
{
    Asked asked{.key = flow.key(), .question = {.connection = flow.connection()}};
    const unsigned initiator = flow.initiator();
    asked.question.at_responder = flow.at_responder();
    asked.question.netns = {flow.netns(initiator), flow.netns(initiator ^ 1U)};
    for (const DropSeen &drop : flow.drops()) {
        if (!drop.harmless && drop.netns != 0)
            asked.question.on_the_way.push_back(drop.netns);
    }
    if (flow.reset() && flow.reset()->process)
        asked.question.pid = flow.reset()->process->pid;
    asked.drop = drop_to_explain(flow);

    const std::lock_guard lock(shared_->mutex);
    if (shared_->waiting.size() >= waiting_max)
        return false;
    shared_->waiting.push_back(std::move(asked));
    shared_->changed.notify_all();
    return true;
}

std::vector<Inquirer::Answer> Inquiry::answers()
{
    const std::lock_guard lock(shared_->mutex);
    return std::exchange(shared_->answered, {});
}

void Inquiry::settle()
{
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait_for(lock, settling,
                              [this] { return shared_->waiting.empty() && !shared_->busy; });
}

std::vector<std::string> Inquiry::notes() const
{
    const std::lock_guard lock(shared_->mutex);
    return shared_->notes;
}

} // namespace tcptrace

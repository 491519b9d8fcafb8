// SPDX-License-Identifier: Apache-2.0
#include "app/pipeline.h"

#include "detect/explains.h"
#include "detect/two_views.h"

#include <sys/resource.h>

#include <algorithm>

namespace tcptrace {

namespace {

constexpr int rounds_at_the_end = 3; // a drop that a name leads to, and its rule

// CPU time of this process so far, user and system, in seconds.
double cpu_seconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t losses(const tt_counters &counters)
{
    return counters.records_lost + counters.evidence_lost + counters.packets_lost;
}

// What one connection shows by itself: a crowd's fault is not asked about a thousand times.
bool has_fault(const std::vector<Finding> &findings)
{
    return std::ranges::any_of(findings, [](const Finding &finding) {
        return finding.verdict && finding.verdict->severity != Severity::Notice &&
               finding.verdict->crowd.least == 0;
    });
}

} // namespace

Pipeline::Pipeline(PipelineOptions options, std::vector<std::unique_ptr<Sink>> sinks,
                   const Source &source, Inquirer *inquirer)
    : options_(std::move(options)), sinks_(std::move(sinks)), source_(source), questions_(inquirer),
      flows_(options_.flows_max, [this](Flow &flow) { leave(flow); })
{
    for (const std::string &id : options_.only)
        wanted_anomalies_ |= anomaly_by_id(id);
    if (options_.only.empty())
        wanted_anomalies_ = ~0U;
}

bool Pipeline::wanted(std::string_view id) const
{
    return options_.only.empty() || options_.only.contains(id);
}

bool Pipeline::on_start(const StartInfo &info)
{
    first_ns_ = info.time_ns;
    now_ns_ = info.time_ns;
    corroboration_.set_alone(info.depth == TT_DEPTH_STACK);
    for (const auto &sink : sinks_)
        sink->start(info);
    return anybody_there();
}

bool Pipeline::on_observation(const Observation &observation)
{
    const tt_record &record = observation.record;
    now_ns_ = std::max(now_ns_, record.time_ns);
    if (first_ns_ == 0)
        first_ns_ = now_ns_;
    corroboration_.release(now_ns_, [this](const Observation &held) { tell_event(held); });

    if (record.witness == TT_WITNESS_STACK && !names_.empty())
        tell_elsewhere(observation);
    Flow *known = observation.foreign ? flows_.take_known(observation) : &flows_.take(observation);
    if (!known) {
        foreign_.remember(observation);
        join_refusals(observation);
        return anybody_there();
    }
    Flow &flow = *known;
    connections_ += flow.just_begun();
    foreign_.take(flow.key(), [&](const Observation &before) { flow.update(before); });
    join_refusals(observation);
    const bool elsewhere = observation.foreign && record.hook != TT_HOOK_DROP;
    if (record.finding.anomalies && !elsewhere && corroboration_.admit(flow, observation))
        tell_event(observation);
    if (flow.closed() && flow.unremarkable()) {
        flows_.drop(observation);
    } else if (judges_at_once() && !flow.unremarkable()) {
        judge(flow, false);
        tell_due(now_ns_);
    }
    if (options_.event_limit && told_events_ >= *options_.event_limit)
        return false;
    return anybody_there();
}

// The kernel's word under one name of a connection counts under the name it is judged by.
void Pipeline::tell_elsewhere(const Observation &observation)
{
    const OtherName *name = names_.find(observation.record.key);
    Flow *judged = name ? flows_.find(key_of(name->judged)) : nullptr;
    if (!judged)
        return;
    tell_under(*judged, *name, observation);
    if (judges_at_once())
        judge(*judged, false);
}

bool Pipeline::on_packet(const Observation &packet)
{
    const std::uint32_t told = packet.record.finding.anomalies & wanted_anomalies_;

    now_ns_ = std::max(now_ns_, packet.record.time_ns);
    told_packets_++;
    for (const auto &sink : sinks_)
        sink->packet(packet, told);
    if (options_.packet_limit && told_packets_ >= *options_.packet_limit)
        return false;
    return anybody_there();
}

void Pipeline::on_earlier(const Observation &packet)
{
    flows_.remember(packet);
    if (!options_.on_anomaly)
        return;
    for (const auto &sink : sinks_)
        sink->packet(packet, 0);
}

bool Pipeline::anybody_there() const
{
    if (std::ranges::any_of(sinks_, [](const auto &sink) { return sink->done(); }))
        return false;
    return sinks_.empty() ||
           std::ranges::any_of(sinks_, [](const auto &sink) { return sink->alive(); });
}

void Pipeline::on_tick(std::uint64_t now_ns)
{
    now_ns_ = std::max(now_ns_, now_ns);
    corroboration_.release(now_ns_, [this](const Observation &held) { tell_event(held); });
    note_losses();
    foreign_.expire(now_ns_);
    hear_answers();
    if (!judges_at_once())
        return;
    flows_.for_each_restless([this](Flow &flow) { judge(flow, false); });
    tell_due(now_ns_);
}

// What this machine knows of a fault may be gone a moment later, so it is asked for as soon
// as there is one, and the verdict waits for the answer.
void Pipeline::judge(const Flow &flow, bool ending)
{
    if (flow.belongs_to_another())
        return;
    // One connection in several files: at its end, when all of it was seen.
    const auto views =
        ending ? compare_views(source_.path_view(flow.key(), flow.first_sequence())) : std::nullopt;
    const Moment moment{.now_ns = now_ns_, .ending = ending, .views = views ? &*views : nullptr};

    const std::vector<Finding> findings = judge_flow(flow, moment);
    if (has_fault(findings) && questions_.ask_about(flow, now_ns_) && !ending)
        return;
    for (const Finding &finding : findings)
        book_.enter(flow, moment, *finding.detector, finding.verdict);
}

bool Pipeline::hear_answers()
{
    const std::vector<Inquirer::Answer> answers = questions_.answers();
    for (const Inquirer::Answer &answer : answers) {
        if (Flow *flow = flows_.find(answer.key))
            judge(learn(*flow, answer.facts), false);
    }
    return !answers.empty();
}

// The flow that is to be judged: where a NAT renames the connection, as the client calls it.
Flow &Pipeline::learn(Flow &flow, const HostFacts &facts)
{
    flow.learn(facts);
    const std::vector<Connection> &names = facts.names;
    const auto seen = std::ranges::find_if(
        names, [&](const Connection &name) { return flows_.find(key_of(name)) != nullptr; });
    if (seen == names.end())
        return flow;
    Flow &judged = *flows_.find(key_of(*seen));
    for (const Connection &name : names) {
        if (name != *seen)
            join(judged, {.judged = *seen, .elsewhere = name});
    }
    judged.known_at_responder_as(names.back());
    return judged;
}

void Pipeline::join_refusals(const Observation &observation)
{
    const std::optional<OtherName> name = refusals_.match(observation);
    if (!name)
        return;
    if (Flow *judged = flows_.find(key_of(name->judged))) {
        judged->known_at_responder_as(name->elsewhere);
        join(*judged, *name);
    }
}

void Pipeline::join(Flow &judged, const OtherName &name)
{
    const tt_flow_key key = key_of(name.elsewhere);

    names_.add(name);
    foreign_.take(key, [&](const Observation &told) { tell_under(judged, name, told); });
    if (Flow *other = flows_.find(key); other && !other->belongs_to_another()) {
        judged.learn(*other, renamed_sender(0, name) != 0);
        for (const auto &detector : detectors())
            book_.enter(*other, {.now_ns = now_ns_}, *detector, std::nullopt);
        other->belong_to_another();
    }
}

// What the kernel tells of a connection under the name that it has elsewhere.
void Pipeline::tell_under(Flow &judged, const OtherName &name, const Observation &told)
{
    if (told.record.hook == TT_HOOK_DROP) {
        DropSeen drop = drop_of(told);
        drop.sender = renamed_sender(drop.sender, name);
        judged.learn(drop);
        return;
    }
    const tt_record record = renamed(told.record, name);
    judged.update({.record = record,
                   .interface = told.interface,
                   .stack_tells_resets = told.stack_tells_resets,
                   .foreign = true});
}

// The end: what has been silent so far may be a fault now. An answer may raise a question.
void Pipeline::ask_the_rest()
{
    const Moment end{.now_ns = now_ns_, .ending = true};

    if (!questions_.possible())
        return;
    flows_.for_each([&](const Flow &flow) {
        const bool in_question = !flow.facts() && !flow.belongs_to_another() &&
                                 (!flow.unremarkable() || flow.restless());
        if (in_question && has_fault(judge_flow(flow, end)))
            static_cast<void>(questions_.ask_about(flow, now_ns_));
    });
    for (int round = 0; round < rounds_at_the_end; round++) {
        questions_.settle();
        if (!hear_answers())
            break;
    }
}

void Pipeline::leave(Flow &flow)
{
    if (!flow.unremarkable() || flow.restless() || !flow.established())
        judge(flow, true);
    book_.forget(flow);
    questions_.forget(flow);
    names_.forget(flow.key());
}

void Pipeline::note_losses()
{
    const std::uint64_t lost = losses(source_.counters());
    if (lost <= lost_)
        return;
    for (const auto &sink : sinks_)
        sink->lost(lost - lost_, now_ns_);
    lost_ = lost;
    book_.note_lost(lost_);
}

void Pipeline::tell_event(const Observation &observation)
{
    std::uint32_t told = 0;
    for_each_anomaly(observation.record.finding.anomalies, [&](tt_anomaly anomaly) {
        events_[anomaly]++;
        told |= static_cast<std::uint32_t>(anomaly) & wanted_anomalies_;
    });
    if (told == 0 || !options_.events)
        return;
    told_events_++;
    for (const auto &sink : sinks_)
        sink->event(observation, told);
}

void Pipeline::tell_diagnosis(const Diagnosis &diagnosis)
{
    const bool any = options_.fail_on.contains("any") && diagnosis.severity != Severity::Notice;
    failed_on_ = failed_on_ || any || options_.fail_on.contains(diagnosis.id);
    if (!wanted(diagnosis.id))
        return;
    for (const auto &sink : sinks_)
        sink->diagnosis(diagnosis);
}

void Pipeline::tell_due(std::uint64_t now_ns)
{
    if (options_.diagnose)
        return;
    for (const Diagnosis &diagnosis : book_.take_due(now_ns))
        tell_diagnosis(diagnosis);
}

void Pipeline::finish(bool damaged)
{
    corroboration_.release(~0ULL, [this](const Observation &held) { tell_event(held); });
    note_losses();
    ask_the_rest();
    flows_.drain();
    tell_due(~0ULL);
    const std::vector<Diagnosis> diagnoses = book_.all();
    if (options_.diagnose) {
        for (const Diagnosis &diagnosis : diagnoses)
            tell_diagnosis(diagnosis);
    }
    const Summary summary = summarize(diagnoses, damaged);
    for (const auto &sink : sinks_)
        sink->summary(summary);
}

Summary Pipeline::summarize(const std::vector<Diagnosis> &diagnoses, bool damaged) const
{
    Summary summary;
    summary.counters = source_.counters();
    summary.counters.flows_evicted += flows_.evicted();
    summary.time_ns = now_ns_;
    summary.first_ns = first_ns_;
    summary.packets = summary.counters.packets_seen;
    if (options_.packets)
        summary.captured = told_packets_;
    summary.bytes = source_.bytes();
    summary.unmatched_in_tunnels = source_.unmatched_in_tunnels();
    summary.connections = options_.counts_connections ? connections_ : summary.counters.connections;
    summary.handshake = source_.handshake();
    for (const auto &[anomaly, count] : events_)
        summary.events.emplace(anomaly_id(static_cast<tt_anomaly>(anomaly)), count);
    for (const Diagnosis &diagnosis : diagnoses) {
        summary.diagnoses[std::string(diagnosis.id)]++;
        summary.faults += diagnosis.severity != Severity::Notice;
    }
    summary.untold = book_.untold();
    summary.records_lost = lost_;
    summary.cpu_seconds = cpu_seconds();
    summary.interrupted = damaged;
    return summary;
}

Result<void> Pipeline::finish_sinks()
{
    Result<void> result;
    for (const auto &sink : sinks_) {
        if (auto done = sink->finish(); !done && result)
            result = done;
    }
    return result;
}

Status Pipeline::verdict() const
{
    if (options_.fail_on.empty())
        return Status::Ok;
    if (lost_ > 0)
        return Status::Undecided;
    return failed_on_ ? Status::Diagnosed : Status::Ok;
}

} // namespace tcptrace

// SPDX-License-Identifier: Apache-2.0
#include "detect/book.h"

#include "detect/explains.h"
#include "detect/lost_on_the_way.h"

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::uint64_t scan_shows_ns = TT_NSEC_PER_SEC;

void put_into_words(const Flow &flow, const Moment &moment, const Detector &detector,
                    const Verdict &verdict, Diagnosis &words)
{
    const Verdict said = refined(verdict, moment.views, detector.id());

    words = {};
    words.id = detector.id();
    words.cause = said.cause;
    words.confidence = said.confidence;
    words.severity = said.severity;
    words.suspect = said.suspect;
    words.locus = said.locus;
    detector.describe(flow, moment, verdict, words);
    if (moment.views)
        describe_way(*moment.views, detector.id(), words);
    words.evidence = flow.evidence();
}

void tell_what_differs(const std::vector<const FaultExample *> &examples, Diagnosis &diagnosis)
{
    bool several = false; // processes
    bool places = false;  // of drops

    for (const FaultExample *each : examples) {
        if (each->connection.initiator.port != 0)
            diagnosis.examples.push_back(each->connection);
        several = several || each->words.process != diagnosis.process;
        places = places || each->words.drop != diagnosis.drop;
    }
    if (several) {
        diagnosis.process.reset();
        diagnosis.who += diagnosis.who.empty() ? "" : ", and others";
    }
    if (places)
        diagnosis.drop.reset();
}

} // namespace

void Book::enter(const Flow &flow, const Moment &moment, const Detector &detector,
                 const std::optional<Verdict> &verdict)
{
    const auto of_flow = said_.find(&flow);
    Entry *before = nullptr;

    if (of_flow != said_.end()) {
        const auto entry = of_flow->second.find(detector.id());
        before = entry == of_flow->second.end() ? nullptr : &entry->second;
    }
    if (!verdict) {
        if (before) {
            withdraw(*before);
            leave_crowd(of_flow->second, detector.id());
            of_flow->second.erase(detector.id());
        }
        return;
    }
    Key key{detector.id(), refined(*verdict, moment.views, detector.id()).cause, {}};
    if (verdict->severity != Severity::Notice)
        key.responder = flow.connection().responder;
    if (before && before->key == key) {
        refresh(*before, flow, moment, detector, *verdict);
        return;
    }
    if (before)
        withdraw(*before);
    if (groups_.size() >= groups_max && !groups_.contains(key)) {
        untold_++;
        return;
    }
    Entry entry{key,
                {&flow, verdict->connections, flow.connection().initiator.address},
                verdict->crowd.tells,
                false};
    for (const auto &[id, other] : said_[&flow])
        entry.in_crowd = entry.in_crowd || explained_by_crowd(key.id, id);
    add(entry, flow, moment, detector, *verdict);
    said_[&flow].insert_or_assign(detector.id(), entry);
}

void Book::add(const Entry &entry, const Flow &flow, const Moment &moment, const Detector &detector,
               const Verdict &verdict)
{
    Group &group = groups_[entry.key];
    FaultPart &part = group.part(entry.in_crowd);

    if (group.count() == 0) {
        group.first_ns = flow.first_ns();
        group.lost_before = lost_;
        group.known_ns = moment.now_ns;
        group.crowd = verdict.crowd;
    }
    part.join(entry.share);
    group.telling += entry.tells;
    group.first_ns = std::min(group.first_ns, flow.first_ns());
    group.last_ns = std::max(group.last_ns, flow.last_ns());
    note_due(entry.key, group);
    if (FaultExample *example = part.new_example(entry.share, flow.connection()))
        put_into_words(flow, moment, detector, verdict, example->words);
}

// The same as before, of a flow that may have gone on.
void Book::refresh(Entry &entry, const Flow &flow, const Moment &moment, const Detector &detector,
                   const Verdict &verdict)
{
    Group &group = groups_[entry.key];

    group.last_ns = std::max(group.last_ns, flow.last_ns());
    group.part(entry.in_crowd).count += verdict.connections - entry.share.connections;
    group.telling += verdict.crowd.tells;
    group.telling -= entry.tells;
    entry.share.connections = verdict.connections;
    entry.tells = verdict.crowd.tells;
    note_due(entry.key, group);
    if (FaultExample *example = group.example_of(flow))
        put_into_words(flow, moment, detector, verdict, example->words);
}

void Book::note_due(const Key &key, const Group &group)
{
    if (group.told == 0 || group.count() >= 10 * group.told)
        (may_scan(key, group) ? held_ : due_).insert(key);
}

// Not at each event: a scan makes many of both.
void Book::look_at_held(std::uint64_t now_ns)
{
    if (now_ns < looked_at_held_ns_ + scan_shows_ns / 4)
        return;
    looked_at_held_ns_ = now_ns;
    for (auto key = held_.begin(); key != held_.end();) {
        const Group &group = groups_.at(*key);
        const bool waits = may_scan(*key, group) && now_ns < group.known_ns + scan_shows_ns;
        if (!waits)
            due_.insert(*key);
        key = waits ? std::next(key) : held_.erase(key);
    }
}

void Book::withdraw(const Entry &entry)
{
    const auto found = groups_.find(entry.key);
    if (found == groups_.end())
        return;
    Group &group = found->second;
    group.part(entry.in_crowd).leave(entry.share);
    group.telling -= entry.tells;
    if (group.count() == 0) {
        due_.erase(entry.key);
        held_.erase(entry.key);
        groups_.erase(found);
    }
}

void Book::leave_crowd(Entries &entries, std::string_view crowd)
{
    for (auto &[id, entry] : entries) {
        if (!entry.in_crowd || !explained_by_crowd(id, crowd))
            continue;
        Group &group = groups_[entry.key];
        entry.in_crowd = false;
        group.in_crowd.move(entry.share, group.alone);
        note_due(entry.key, group);
    }
}

bool Book::may_scan(const Key &key, const Group &group)
{
    return (key.id == "connection_refused" || key.id == "syn_timeout") && group.source() &&
           group.count() <= tries_of_scan;
}

// Groups of one fault at one server stand side by side.
bool Book::scans(const Key &key, const Group &group) const
{
    if (!key.responder || !may_scan(key, group))
        return false;
    std::size_t ports = 0;
    Key first = key;
    first.responder->port = 0;
    for (auto each = groups_.lower_bound(first); each != groups_.end() && ports < scanned_ports;
         ++each) {
        const auto &[other, tried] = *each;
        if (other.id != key.id || other.cause != key.cause ||
            other.responder->address != key.responder->address)
            break;
        ports += may_scan(other, tried) && tried.source() == group.source();
    }
    return ports >= scanned_ports;
}

bool Book::crowd_is_told(const Key &key) const
{
    return std::ranges::any_of(groups_, [&](const auto &each) {
        const auto &[other_key, other] = each;
        return other.crowd.least && other_key.responder == key.responder &&
               explained_by_crowd(key.id, other_key.id) && told_for(other_key, other) > 0;
    });
}

std::uint64_t Book::told_for(const Key &key, const Group &group) const
{
    if (group.count() < group.crowd.least || group.telling < group.crowd.telling)
        return 0;
    if (scans(key, group))
        return 0;
    return group.in_crowd.count > 0 && crowd_is_told(key) ? group.alone.count : group.count();
}

void Book::forget(const Flow &flow)
{
    const auto of_flow = said_.find(&flow);
    if (of_flow == said_.end())
        return;
    for (const auto &[id, entry] : of_flow->second) {
        const auto group = groups_.find(entry.key);
        if (group == groups_.end())
            continue;
        if (FaultExample *example = group->second.example_of(flow)) {
            example->words.evidence = flow.evidence();
            example->flow = nullptr; // its address may be used again
        }
    }
    said_.erase(of_flow);
}

void Book::note_lost(std::uint64_t records)
{
    lost_ = records;
}

Diagnosis Book::compose(const Key &key, const Group &group) const
{
    const std::uint64_t count = told_for(key, group);
    const bool all = count == group.count();
    const std::vector<const FaultExample *> examples = group.examples(all);
    const FaultExample &example = *examples.front();
    Diagnosis diagnosis = example.words;

    diagnosis.count = count;
    diagnosis.first_ns = group.first_ns;
    diagnosis.last_ns = group.last_ns;
    diagnosis.records_lost = lost_ - std::min(lost_, group.lost_before);
    diagnosis.source = all ? group.source() : group.alone.source;
    if (key.responder) {
        diagnosis.destination = key.responder->address;
        diagnosis.destination_port = key.responder->port;
    }
    if (example.flow)
        diagnosis.evidence = example.flow->evidence();
    if (count > 1) {
        tell_what_differs(examples, diagnosis);
        return diagnosis;
    }
    if (example.connection.initiator.port != 0) // else it never had one
        diagnosis.source_port = example.connection.initiator.port;
    diagnosis.destination = example.connection.responder.address;
    diagnosis.destination_port = example.connection.responder.port;
    return diagnosis;
}

std::vector<Diagnosis> Book::take_due(std::uint64_t now_ns)
{
    std::vector<Diagnosis> due;
    look_at_held(now_ns);
    for (const Key &key : due_) {
        Group &group = groups_.at(key);
        const std::uint64_t count = told_for(key, group);
        if (count == 0 || (group.told > 0 && count < 10 * group.told))
            continue;
        group.told = count;
        due.push_back(compose(key, group));
    }
    due_.clear();
    return due;
}

std::vector<Diagnosis> Book::all() const
{
    std::vector<Diagnosis> diagnoses;
    for (const auto &[key, group] : groups_) {
        if (told_for(key, group) > 0)
            diagnoses.push_back(compose(key, group));
    }
    std::ranges::stable_sort(diagnoses, [](const Diagnosis &a, const Diagnosis &b) {
        return std::tuple(a.severity, a.confidence, a.count) >
               std::tuple(b.severity, b.confidence, b.count);
    });
    return diagnoses;
}

} // namespace tcptrace

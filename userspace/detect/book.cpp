// SPDX-License-Identifier: Apache-2.0
#include "detect/book.h"

#include "detect/lost_on_the_way.h"

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::size_t examples_max = 3;

// The detector describes what it said itself; what several views add comes after.
void put_into_words(const Flow &flow, const Moment &moment, const Detector &detector,
                    const Verdict &verdict, Diagnosis &words)
{
    const Verdict said = refined(verdict, moment.views, detector.id());

    words.id = detector.id();
    words.cause = said.cause;
    words.confidence = said.confidence;
    words.suspect = said.suspect;
    words.locus = said.locus;
    detector.describe(flow, moment, verdict, words);
    if (moment.views)
        describe_way(*moment.views, detector.id(), words);
}

} // namespace

void Book::enter(const Flow &flow, const Moment &moment, const Detector &detector,
                 const std::optional<Verdict> &verdict)
{
    const auto of_flow = said_.find(&flow);
    const Key *before = nullptr;

    if (of_flow != said_.end()) {
        const auto entry = of_flow->second.find(detector.id());
        before = entry == of_flow->second.end() ? nullptr : &entry->second;
    }
    if (!verdict) {
        if (before) {
            withdraw(*before, flow);
            of_flow->second.erase(detector.id());
        }
        return;
    }
    Key key{detector.id(), refined(*verdict, moment.views, detector.id()).cause, {}};
    if (!key.cause.empty()) // a notice is one for all connections
        key.responder = flow.connection().responder;
    if (before && *before == key) {
        Group &group = groups_[key];
        group.last_ns = std::max(group.last_ns, flow.last_ns());
        for (Example &example : group.examples) {
            if (example.flow == &flow)
                put_into_words(flow, moment, detector, *verdict, example.words);
        }
        return;
    }
    if (before)
        withdraw(*before, flow);
    if (groups_.size() >= groups_max && !groups_.contains(key)) {
        untold_++;
        return;
    }
    add(key, flow, moment, detector, *verdict);
    said_[&flow].insert_or_assign(detector.id(), key);
}

void Book::add(const Key &key, const Flow &flow, const Moment &moment, const Detector &detector,
               const Verdict &verdict)
{
    Group &group = groups_[key];
    const Connection connection = flow.connection();

    if (group.count == 0) {
        group.first_ns = flow.first_ns();
        group.source = connection.initiator.address;
        group.lost_before = lost_;
    }
    group.count++;
    if (group.told == 0 || group.count >= 10 * group.told)
        due_.insert(key);
    group.first_ns = std::min(group.first_ns, flow.first_ns());
    group.last_ns = std::max(group.last_ns, flow.last_ns());
    if (group.source && *group.source != connection.initiator.address)
        group.source.reset();
    if (group.examples.size() >= examples_max)
        return;
    Example &example = group.examples.emplace_back();
    example.flow = &flow;
    example.connection = connection;
    put_into_words(flow, moment, detector, verdict, example.words);
    example.words.evidence = flow.evidence();
}

void Book::withdraw(const Key &key, const Flow &flow)
{
    const auto found = groups_.find(key);
    if (found == groups_.end())
        return;
    Group &group = found->second;
    if (group.count > 0)
        group.count--;
    // The last example stays, for the words of those that remain.
    if (group.examples.size() > 1)
        std::erase_if(group.examples, [&](const Example &e) { return e.flow == &flow; });
    if (group.count == 0) {
        due_.erase(key);
        groups_.erase(found);
    }
}

void Book::forget(const Flow &flow)
{
    const auto of_flow = said_.find(&flow);
    if (of_flow == said_.end())
        return;
    for (const auto &[id, key] : of_flow->second) {
        const auto group = groups_.find(key);
        if (group == groups_.end())
            continue;
        for (Example &example : group->second.examples) {
            if (example.flow == &flow) {
                example.words.evidence = flow.evidence();
                example.flow = nullptr; // its address may be used again
            }
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
    const Example &example = group.examples.front();
    Diagnosis diagnosis = example.words;

    diagnosis.count = group.count;
    diagnosis.first_ns = group.first_ns;
    diagnosis.last_ns = group.last_ns;
    diagnosis.records_lost = lost_ - std::min(lost_, group.lost_before);
    diagnosis.source = group.source;
    if (!key.cause.empty()) {
        diagnosis.destination = key.responder.address;
        diagnosis.destination_port = key.responder.port;
    }
    if (example.flow)
        diagnosis.evidence = example.flow->evidence();
    if (group.count == 1) {
        diagnosis.source_port = example.connection.initiator.port;
        diagnosis.destination = example.connection.responder.address;
        diagnosis.destination_port = example.connection.responder.port;
    } else {
        for (const Example &each : group.examples)
            diagnosis.examples.push_back(each.connection);
    }
    return diagnosis;
}

std::vector<Diagnosis> Book::take_due()
{
    std::vector<Diagnosis> due;
    for (const Key &key : due_) {
        Group &group = groups_.at(key);
        group.told = group.count;
        due.push_back(compose(key, group));
    }
    due_.clear();
    return due;
}

std::vector<Diagnosis> Book::all() const
{
    std::vector<Diagnosis> diagnoses;
    for (const auto &[key, group] : groups_)
        diagnoses.push_back(compose(key, group));
    std::ranges::stable_sort(diagnoses, [](const Diagnosis &a, const Diagnosis &b) {
        return std::tuple(a.severity, a.count) > std::tuple(b.severity, b.count);
    });
    return diagnoses;
}

} // namespace tcptrace

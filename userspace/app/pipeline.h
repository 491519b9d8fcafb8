// SPDX-License-Identifier: Apache-2.0
// The road from an observation to what is told: flow table, detectors, book, sinks.
// The same for a live kernel and a file; time comes from the source alone.
#pragma once

#include "app/questions.h"
#include "detect/book.h"
#include "flow/corroboration.h"
#include "flow/flow_table.h"
#include "flow/foreign_memory.h"
#include "flow/other_names.h"
#include "flow/refusals.h"
#include "sink/sink.h"
#include "source/source.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tcptrace {

struct PipelineOptions {
    bool diagnose = false;   // one report at the end, instead of diagnoses as they come
    bool events = true;      // tell events
    bool packets = false;    // the source delivers packets
    bool on_anomaly = false; // of flows with an anomaly only: earlier ones are packets too
    std::set<std::string, std::less<>> only;    // ids to tell; empty: all
    std::set<std::string, std::less<>> fail_on; // ids, or "any" (but for notices)
    std::optional<std::uint64_t> event_limit;   // -c, live: end after so many events
    std::optional<std::uint64_t> packet_limit;  // -c, where packets are told
    bool counts_connections = true; // the source tells of every SYN; else its counter does
    std::size_t flows_max = 65536;
};

class Pipeline : public Handler {
public:
    // `inquirer`: who knows this machine; nullptr: nobody does. Outlives the pipeline.
    Pipeline(PipelineOptions options, std::vector<std::unique_ptr<Sink>> sinks,
             const Source &source, Inquirer *inquirer = nullptr);

    bool on_start(const StartInfo &info) override;
    bool on_observation(const Observation &observation) override;
    bool on_packet(const Observation &packet) override;
    void on_earlier(const Observation &packet) override;
    void on_tick(std::uint64_t now_ns) override;

    // The source is done: judges what is open, tells the report and the summary.
    // `damaged`: the input ended before its end.
    void finish(bool damaged);
    [[nodiscard]] Result<void> finish_sinks();
    // What --fail-on makes of the run: Ok, Diagnosed or Undecided.
    [[nodiscard]] Status verdict() const;

private:
    [[nodiscard]] bool anybody_there() const;
    void tell_event(const Observation &observation);
    void tell_diagnosis(const Diagnosis &diagnosis);
    void tell_due(std::uint64_t now_ns);
    void judge(const Flow &flow, bool ending);
    Flow &learn(Flow &flow, const HostFacts &facts);
    void join(Flow &judged, const OtherName &name);
    static void tell_under(Flow &judged, const OtherName &name, const Observation &told);
    void tell_elsewhere(const Observation &observation);
    void join_refusals(const Observation &observation);
    bool hear_answers(); // there were some
    void ask_the_rest();
    void leave(Flow &flow);
    void note_losses();
    // A report at the end needs no judgement before; but what this machine knows of a fault is
    // asked in time.
    [[nodiscard]] bool judges_at_once() const
    {
        return !options_.diagnose || questions_.possible();
    }
    [[nodiscard]] bool wanted(std::string_view id) const;
    [[nodiscard]] Summary summarize(const std::vector<Diagnosis> &diagnoses, bool damaged) const;

    PipelineOptions options_;
    std::vector<std::unique_ptr<Sink>> sinks_;
    const Source &source_;
    Questions questions_;
    ForeignMemory foreign_;
    OtherNames names_;
    Refusals refusals_;
    FlowTable flows_;
    Corroboration corroboration_;
    Book book_;
    std::uint32_t wanted_anomalies_ = 0;
    std::uint64_t first_ns_ = 0;
    std::uint64_t now_ns_ = 0;
    std::uint64_t connections_ = 0;
    std::uint64_t told_events_ = 0;
    std::uint64_t told_packets_ = 0;
    std::uint64_t lost_ = 0;
    std::map<std::uint32_t, std::uint64_t> events_; // by anomaly
    bool failed_on_ = false;
};

} // namespace tcptrace

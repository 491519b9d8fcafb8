// SPDX-License-Identifier: Apache-2.0
// Start, diagnosis, lost and summary as JSON; events are in json_event.cpp.
#include "render/json.h"

#include "render/json_object.h"
#include "render/packet_line.h"
#include "render/summary_text.h"
#include "render/verdict.h"
#include "render/wall.h"

namespace tcptrace {

namespace {

void set_if(Json &object, const char *name, std::string_view text)
{
    if (!text.empty())
        object[name] = text;
}

std::string evidence_line(const StoredPacket &packet, std::int64_t wall_offset_ns)
{
    const PacketView view = packet.view();
    std::string line;

    TimeColumn().append(line, to_unix(view.time_ns, wall_offset_ns));
    append_packet_line(line, view, {});
    return line;
}

Json examples_of(const Diagnosis &diagnosis)
{
    Json examples = Json::array();
    for (const Connection &example : diagnosis.examples) {
        Json one;
        one["source"] = json_end(example.initiator.address, example.initiator.port);
        one["destination"] = json_end(example.responder.address, example.responder.port);
        examples.push_back(std::move(one));
    }
    return examples;
}

Json judgement_of(const Diagnosis &diagnosis, std::int64_t wall_offset_ns)
{
    Json judgement;

    judgement["id"] = diagnosis.id;
    set_if(judgement, "cause", diagnosis.cause);
    judgement["confidence"] = to_string(diagnosis.confidence);
    judgement["severity"] = to_string(diagnosis.severity);
    set_if(judgement, "suspect", diagnosis.suspect);
    set_if(judgement, "locus", diagnosis.locus);
    judgement["count"] = diagnosis.count;
    judgement["first_seen"] = json_time(to_unix(diagnosis.first_ns, wall_offset_ns));
    judgement["last_seen"] = json_time(to_unix(diagnosis.last_ns, wall_offset_ns));
    set_if(judgement, "summary", diagnosis.summary);
    set_if(judgement, "what", diagnosis.what);
    set_if(judgement, "where", diagnosis.where);
    set_if(judgement, "who", diagnosis.who);
    set_if(judgement, "why", diagnosis.why);
    if (diagnosis.lost_between)
        judgement["lost"] = {{"between", diagnosis.lost_between->files},
                             {"direction", diagnosis.lost_between->direction}};
    if (!diagnosis.advice.empty())
        judgement["advice"] = diagnosis.advice;
    if (!diagnosis.examples.empty())
        judgement["examples"] = examples_of(diagnosis);
    return judgement;
}

// The objects of the Elastic Common Schema; each only as far as it is known.
void set_process(Json &object, const ProcessName &process)
{
    if (process.pid)
        object["process"]["pid"] = process.pid;
    if (!process.name.empty())
        object["process"]["name"] = process.name;
    if (!process.container.empty())
        object["container"]["id"] = process.container;
    if (!process.pod_namespace.empty())
        object["k8s"]["namespace"]["name"] = process.pod_namespace;
    if (!process.pod.empty())
        object["k8s"]["pod"]["name"] = process.pod;
}

Json network_of(const Diagnosis &diagnosis)
{
    const bool one = diagnosis.source && diagnosis.source_port && diagnosis.destination &&
                     diagnosis.destination_port;
    const auto &known = diagnosis.destination ? diagnosis.destination : diagnosis.source;
    const std::uint8_t family = known ? known->family
                                : diagnosis.examples.empty()
                                    ? static_cast<std::uint8_t>(TT_IPV4)
                                    : diagnosis.examples.front().initiator.address.family;
    if (!one)
        return json_network(family, nullptr, nullptr);
    const Endpoint source{*diagnosis.source, *diagnosis.source_port};
    const Endpoint destination{*diagnosis.destination, *diagnosis.destination_port};
    return json_network(family, &source, &destination);
}

Json counters_of(const tt_counters &counters)
{
    Json object;
#define TT_SET_COUNTER(name, text) object[#name] = counters.name;
    TT_COUNTERS(TT_SET_COUNTER)
#undef TT_SET_COUNTER
    return object;
}

} // namespace

void append_json_start(std::string &out, const StartInfo &info, std::string_view version,
                       std::int64_t wall_offset_ns)
{
    Json object = json_object("start", to_unix(info.time_ns, wall_offset_ns));

    object["schema"] = json_schema;
    object["version"] = version;
    set_if(object, "kernel", info.kernel);
    object["input"] = info.source;
    if (!info.interfaces.empty())
        object["interfaces"] = info.interfaces;
    set_if(object, "filter", info.filter);
    object["depth"] = depth_id(info.depth);
    if (!info.unavailable.empty())
        object["unavailable"] = info.unavailable;
    append_json_line(out, object);
}

void append_json_diagnosis(std::string &out, const Diagnosis &diagnosis,
                           std::int64_t wall_offset_ns)
{
    Json object = json_object("diagnosis", to_unix(diagnosis.last_ns, wall_offset_ns));

    if (!diagnosis.error_type.empty())
        object["error"] = {{"type", diagnosis.error_type}};
    object["diagnosis"] = judgement_of(diagnosis, wall_offset_ns);
    if (Json end = json_end(diagnosis.source, diagnosis.source_port); !end.empty())
        object["source"] = std::move(end);
    if (Json end = json_end(diagnosis.destination, diagnosis.destination_port); !end.empty())
        object["destination"] = std::move(end);
    object["network"] = network_of(diagnosis);
    if (diagnosis.process)
        set_process(object, *diagnosis.process);
    if (diagnosis.drop)
        object["drop"] = json_drop(*diagnosis.drop);
    if (diagnosis.records_lost > 0)
        object["lost"] = diagnosis.records_lost;
    if (!diagnosis.evidence.empty()) {
        Json &lines = object["evidence"] = Json::array();
        for (const StoredPacket &packet : diagnosis.evidence)
            lines.push_back(evidence_line(packet, wall_offset_ns));
    }
    append_json_line(out, object);
}

void append_json_lost(std::string &out, std::uint64_t records, std::uint64_t time_ns,
                      std::int64_t wall_offset_ns)
{
    Json object = json_object("lost", to_unix(time_ns, wall_offset_ns));
    object["lost"] = records;
    append_json_line(out, object);
}

void append_json_summary(std::string &out, const Summary &summary, std::int64_t wall_offset_ns)
{
    Json object = json_object("summary", to_unix(summary.time_ns, wall_offset_ns));

    object["verdict"] = to_string(verdict_of(summary));
    object["duration"] = static_cast<double>(summary.time_ns - summary.first_ns) / 1e9;
    object["packets"] = summary.packets;
    if (summary.bytes != 0)
        object["bytes"] = summary.bytes;
    object["connections"] = summary.connections;
    if (summary.handshake)
        object["handshake_seconds"] = {{"count", summary.handshake->count},
                                       {"p50", summary.handshake->p50},
                                       {"p90", summary.handshake->p90},
                                       {"p99", summary.handshake->p99}};
    object["events"] = Json(summary.events);
    object["diagnoses"] = Json(summary.diagnoses);
    object["faults"] = summary.faults;
    if (summary.untold > 0)
        object["untold"] = summary.untold;
    object["lost"] = summary.records_lost;
    if (summary.interrupted)
        object["damaged"] = true;
    object["cpu_seconds"] = summary.cpu_seconds;
    object["counters"] = counters_of(summary.counters);
    append_json_line(out, object);
}

} // namespace tcptrace

// SPDX-License-Identifier: Apache-2.0
// port_exhaustion: connect() failed because no local port was free for that destination
// (EADDRNOTAVAIL). Only the stack tells: the socket went from SYN_SENT to CLOSE before it had
// a port (inet_hash_connect() in net/ipv4/inet_hashtables.c), and no packet was made. Such
// attempts have port 0 and so are one flow.
#include "detect/detector.h"
#include "detect/words.h"

#include <fmt/format.h>

namespace tcptrace {

namespace {

class PortExhaustion final : public Detector {
public:
    std::string_view id() const override { return "port_exhaustion"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &) const override
    {
        if (!flow.connect_failed() || flow.connection().initiator.port != 0)
            return std::nullopt;
        Verdict verdict{{}, Confidence::Certain, "this_node"};
        verdict.connections = flow.connects_failed();
        return verdict;
    }

    void describe(const Flow &flow, const Moment &, const Verdict &,
                  Diagnosis &diagnosis) const override
    {
        const Connection connection = flow.connection();
        const std::string client = to_string(connection.initiator.address);

        diagnosis.summary = fmt::format("{} has no local port left to connect to {}", client,
                                        endpoint_words(connection.responder));
        diagnosis.what = fmt::format("connect() failed {} before a SYN was made",
                                     counted(flow.connects_failed(), "time", "times"));
        diagnosis.where = "on this node: no packet left it";
        diagnosis.why = "all local ports are taken by connections to this destination, also by "
                        "those in TIME_WAIT";
        diagnosis.advice = {
            fmt::format("ss -tan 'dst {}' | wc -l; ss -s", endpoint_words(connection.responder)),
            "sysctl net.ipv4.ip_local_port_range",
            "keep connections and use them again; net.ipv4.tcp_tw_reuse=1"};
    }
};

const Registered<PortExhaustion> registered;

} // namespace

} // namespace tcptrace

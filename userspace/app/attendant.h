// SPDX-License-Identifier: Apache-2.0
// Between source and pipeline, what concerns the process and not the packets: gives up
// privileges once everything is attached (-Z), prints the counters on SIGUSR1.
#pragma once

#include "app/privileges.h"
#include "core/signals.h"
#include "render/summary_text.h"
#include "source/source.h"

#include <cstdio>
#include <optional>
#include <string>
#include <utility>

namespace tcptrace {

class Attendant final : public Handler {
public:
    Attendant(Handler &next, const Source &source, std::optional<User> user, User::Keep keep)
        : next_(next), source_(source), user_(std::move(user)), keep_(keep)
    {
    }

    // Before any file is opened for writing.
    bool on_start(const StartInfo &info) override
    {
        if (user_)
            became_ = user_->become(keep_);
        began_ = became_ && next_.on_start(info);
        return began_;
    }
    bool on_observation(const Observation &observation) override
    {
        return next_.on_observation(observation);
    }
    bool on_packet(const Observation &packet) override { return next_.on_packet(packet); }
    void on_earlier(const Observation &packet) override { next_.on_earlier(packet); }
    void on_tick(std::uint64_t now_ns) override
    {
        report_if_asked();
        next_.on_tick(now_ns);
    }
    void report_if_asked() const
    {
        if (!take_report_request())
            return;
        std::string text;
        append_counters(text, source_.counters());
        std::fwrite(text.data(), 1, text.size(), stderr);
    }
    // False: nothing was watched or read, for an output could not be opened, or privileges
    // not given up.
    [[nodiscard]] bool began() const { return began_; }
    [[nodiscard]] const Result<void> &became() const { return became_; }

private:
    Handler &next_;
    const Source &source_;
    std::optional<User> user_;
    User::Keep keep_;
    Result<void> became_;
    bool began_ = false;
};

} // namespace tcptrace

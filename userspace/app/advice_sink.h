// SPDX-License-Identifier: Apache-2.0
// Tells Advice's sentences on standard error, as they come.
#pragma once

#include "app/advice.h"
#include "sink/sink.h"
#include "sink/stream.h"

#include <string>
#include <vector>

namespace tcptrace {

class AdviceSink : public Sink {
public:
    explicit AdviceSink(Advice advice, Stream notes = Stream::standard_error())
        : advice_(std::move(advice)), notes_(std::move(notes))
    {
    }

    void start(const StartInfo &) override { tell(advice_.at_start()); }
    void event(const Observation &, std::uint32_t) override { tell(advice_.about_names()); }
    void packet(const Observation &packet, std::uint32_t) override
    {
        tell(advice_.about(packet.packet()));
        tell(advice_.about_names());
    }
    void diagnosis(const Diagnosis &) override {}
    void lost(std::uint64_t, std::uint64_t) override {}
    void summary(const Summary &summary) override { tell(advice_.at_end(summary)); }
    // Nobody runs tcptrace for its notes: they are no reason to go on.
    [[nodiscard]] bool alive() const override { return false; }
    [[nodiscard]] Result<void> finish() override { return {}; }

private:
    void tell(const std::vector<std::string> &sentences)
    {
        for (const std::string &sentence : sentences)
            notes_.write("note: " + sentence + "\n");
        if (!sentences.empty())
            notes_.flush();
    }

    Advice advice_;
    Stream notes_;
};

} // namespace tcptrace

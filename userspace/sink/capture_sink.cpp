// SPDX-License-Identifier: Apache-2.0
#include "sink/capture_sink.h"

#include "render/capture_comment.h"
#include "render/mark.h"
#include "render/pcap_format.h"
#include "render/pcapng_format.h"
#include "render/wall.h"

#include <utility>

namespace tcptrace {

namespace {

constexpr std::size_t recorder_bytes = 16U << 20;
constexpr std::size_t anomalous_max = 65536;
constexpr std::size_t window_bytes = 1U << 20;
constexpr std::size_t end_comments_max = 1000;

} // namespace

CaptureSink::CaptureSink(CaptureOptions options, WallOffset wall, SecondsClock clock, Stream notes)
    : options_(std::move(options)), wall_(std::move(wall)), clock_(std::move(clock)),
      notes_(std::move(notes)), name_(options_.write, clock_())
{
    if (options_.write.on_anomaly)
        flows_.emplace(recorder_bytes, anomalous_max);
}

Result<std::unique_ptr<CaptureFormat>> CaptureSink::make_format(const StartInfo &info) const
{
    const auto link_type = options_.link_type ? options_.link_type : info.link_type;
    const std::uint32_t snaplen = info.snaplen != 0 ? info.snaplen : options_.snaplen;

    if (options_.write.file.ends_with(".pcapng"))
        return std::make_unique<PcapngFormat>(
            PcapngFileOptions{.link_type = link_type,
                              .snaplen = snaplen,
                              .application = options_.application,
                              .system = info.kernel.empty() ? "" : "Linux " + info.kernel});
    if (!link_type)
        return fail(Status::Usage, "the files of -r have different link types, and pcap has one",
                    "write to a name that ends in .pcapng");
    return std::make_unique<PcapFormat>(PcapFileOptions{
        .link_type = *link_type, .snaplen = snaplen, .nanoseconds = options_.nanoseconds});
}

void CaptureSink::start(const StartInfo &info)
{
    auto format = make_format(info);
    if (!format) {
        give_up(std::unexpected(format.error()));
        return;
    }
    format_ = std::move(*format);
    if (format_->takes_comments())
        window_.emplace(window_bytes, [this](const KeptPacket &kept) {
            write(kept.view(), kept.unix_ns(), kept.comments());
        });
    begin_file();
}

void CaptureSink::begin_file()
{
    auto path = name_.name();
    if (!path) {
        give_up(std::unexpected(path.error()));
        return;
    }
    auto file = RecordFile::open(*path, options_.write.min_free_percent);
    if (!file) {
        give_up(std::unexpected(file.error()));
        return;
    }
    file_.emplace(std::move(*file));
    record_.clear();
    format_->begin(record_);
    file_->write(record_);
    file_->flush();
    done_ = file_->ended();
}

void CaptureSink::end_file()
{
    if (!file_)
        return;
    record_.clear();
    format_->end(record_, end_);
    if (!record_.empty())
        file_->write(record_);
    end_.comments.clear();
    const auto closed = file_->close();
    file_.reset();
    if (!closed)
        give_up(closed);
}

void CaptureSink::give_up(const Result<void> &why)
{
    done_ = true;
    if (outcome_)
        outcome_ = why;
}

void CaptureSink::event(const Observation &observation, std::uint32_t /*anomalies*/)
{
    if (flows_)
        let_go(connection_of(observation.record.key));
}

void CaptureSink::let_go(const tt_flow_key &connection)
{
    for (const KeptPacket &kept : flows_->release(connection))
        take(kept.view(), kept.unix_ns(), kept.comments());
}

void CaptureSink::packet(const Observation &packet, std::uint32_t anomalies)
{
    const PacketView view = packet.packet();
    const tt_flow_key connection = connection_of(packet.record.key);
    const std::uint64_t unix_ns = to_unix(view.time_ns, wall_());
    std::vector<std::string> comments;

    if (done_ || view.bytes.empty() || (flows_ && connection.family == 0))
        return;
    if (window_ && anomalies != 0)
        append_mark_words(comments.emplace_back(), packet, anomalies);
    if (flows_ && anomalies != 0)
        let_go(connection);
    if (!flows_ || flows_->had_anomaly(connection))
        take(view, unix_ns, std::move(comments));
    else
        flows_->keep(connection, KeptPacket(view, unix_ns, std::move(comments)));
}

void CaptureSink::take(const PacketView &packet, std::uint64_t unix_ns,
                       std::vector<std::string> comments)
{
    end_.unix_ns = std::max(end_.unix_ns, unix_ns);
    turn_by_time();
    if (!window_) {
        write(packet, unix_ns, comments);
        return;
    }
    window_->add(KeptPacket(packet, unix_ns, std::move(comments)));
    comment_pending();
    if (options_.write.each_packet)
        window_->release_all();
}

// A diagnosis that a packet led to is told before that packet is: so it waits for it.
void CaptureSink::diagnosis(const Diagnosis &diagnosis)
{
    if (window_)
        pending_.push_back(diagnosis);
}

void CaptureSink::comment_pending()
{
    for (const Diagnosis &diagnosis : pending_) {
        const std::string comment = diagnosis_comment(diagnosis);
        if (!window_->comment(diagnosis.evidence, comment) &&
            end_.comments.size() < end_comments_max)
            end_.comments.push_back(comment);
    }
    pending_.clear();
}

void CaptureSink::write(const PacketView &packet, std::uint64_t unix_ns,
                        const std::vector<std::string> &comments)
{
    if (!done_ && name_.at_size(file_->size()) == CaptureFileName::Turn::Next) {
        end_file();
        if (!done_)
            begin_file();
    }
    if (done_)
        return;
    record_.clear();
    format_->packet(record_, packet, unix_ns, comments);
    file_->write(record_);
    if (options_.write.each_packet)
        file_->flush();
    done_ = file_->ended();
}

// What is held back belongs to the slice of time in which it came.
void CaptureSink::turn_by_time()
{
    const auto turn = name_.at_time(clock_());
    if (done_ || turn == CaptureFileName::Turn::Stay)
        return;
    if (window_)
        window_->release_all();
    end_file();
    if (done_)
        return;
    if (turn == CaptureFileName::Turn::Next) {
        begin_file();
        return;
    }
    done_ = true;
    notes_.write("Maximum file limit reached: " + std::to_string(*options_.write.file_count) +
                 "\n");
    notes_.flush();
}

void CaptureSink::summary(const Summary &summary)
{
    end_.received = summary.counters.packets_seen;
    end_.dropped = summary.counters.packets_lost;
}

Result<void> CaptureSink::finish()
{
    if (window_) {
        comment_pending();
        window_->release_all();
    }
    end_file();
    return std::exchange(outcome_, {});
}

} // namespace tcptrace

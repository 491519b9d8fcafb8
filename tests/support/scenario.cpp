// SPDX-License-Identifier: Apache-2.0
#include "support/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace tcptrace::test {

namespace {

// The client's numbers wrap within the first segments: every story tests that too.
constexpr std::uint32_t client_origin = 0xffffff00;
constexpr std::uint32_t server_origin = 5'000'000;
constexpr std::string_view flag_letters = "FSRP.UEW"; // bit 0 first, as tcpdump prints them

using Words = std::vector<std::string>;

class Reader {
public:
    explicit Reader(const std::filesystem::path &path) : path_(path)
    {
        scenario_.name = path.stem();
    }

    Scenario read()
    {
        std::ifstream file(path_);
        if (!file)
            fail("cannot be opened");
        std::string line;
        while (std::getline(file, line)) {
            line_++;
            read_line(line.substr(0, line.find('#')));
        }
        if (scenario_.steps.empty())
            fail("nothing happens in it");
        return std::move(scenario_);
    }

private:
    [[noreturn]] void fail(const std::string &what) const
    {
        throw std::runtime_error(fmt::format("{}:{}: {}", path_.string(), line_, what));
    }

    void read_line(const std::string &line)
    {
        const auto arrow = line.find("=>");
        Words words = split(line.substr(0, arrow));
        if (words.empty())
            return;
        if (words[0] == "ipv6") {
            scenario_.ipv6 = true;
        } else if (words[0] == "diagnosis") {
            if (words.size() < 2 || words.size() > 3)
                fail("diagnosis ID [CAUSE]");
            scenario_.diagnoses.emplace_back(words[1], words.size() > 2 ? words[2] : "");
        } else {
            read_step(words);
            if (arrow != std::string::npos)
                read_expected(line.substr(arrow + 2));
        }
    }

    void read_step(const Words &words)
    {
        Step step;
        step.line = line_;
        step.time_ns = static_cast<std::uint64_t>(decimal(words[0]) * 1e9 + 0.5);
        if (!scenario_.steps.empty() && step.time_ns < scenario_.steps.back().time_ns)
            fail("time goes back");
        if (words.size() == 2 && words[1] == "silence") {
            step.kind = Step::Kind::Silence;
        } else {
            if (words.size() < 5 || words[2] != ">")
                fail("TIME FROM > TO FLAGS ...");
            step.from_client = words[3] == "s";
            if (words[4] == "icmp")
                read_icmp(words, step);
            else
                read_segment(words, step);
        }
        scenario_.several_points = scenario_.several_points || step.ifindex != 0;
        scenario_.steps.push_back(std::move(step));
    }

    // r > c icmp 3/1 seq 0: the client's segment 0 is answered.
    void read_icmp(const Words &words, Step &step)
    {
        const auto slash = words.size() > 5 ? words[5].find('/') : std::string::npos;
        if (slash == std::string::npos)
            fail("icmp TYPE/CODE seq NUMBER");
        step.kind = Step::Kind::IcmpError;
        step.icmp_type = static_cast<std::uint8_t>(number(words[5].substr(0, slash)));
        step.icmp_code = static_cast<std::uint8_t>(number(words[5].substr(slash + 1)));
        read_fields(words, 6, step);
    }

    void read_segment(const Words &words, Step &step)
    {
        if (words.size() < 6)
            fail("no sequence number");
        for (const char letter : words[4] == "none" ? "" : words[4]) {
            const auto bit = flag_letters.find(letter);
            if (bit == std::string_view::npos)
                fail(fmt::format("'{}' is no flag", letter));
            step.flags |= static_cast<std::uint8_t>(1U << bit);
        }
        const std::string &span = words[5]; // FIRST:LAST(LENGTH)
        const auto colon = span.find(':');
        const auto open = span.find('(');
        if (colon == std::string::npos || open == std::string::npos)
            fail("FIRST:LAST(LENGTH)");
        const std::uint32_t first = number(span.substr(0, colon));
        step.length = number(span.substr(open + 1, span.size() - open - 2));
        if (number(span.substr(colon + 1, open - colon - 1)) != first + step.length)
            fail("LAST is not FIRST + LENGTH");
        step.sequence = first + (step.from_client ? client_origin : server_origin);
        read_fields(words, 6, step);
    }

    void read_fields(const Words &words, std::size_t at, Step &step)
    {
        while (at + 1 < words.size()) {
            const std::string &name = words[at];
            const std::string &value = words[at + 1];
            at += 2;
            if (name == "ack")
                step.acknowledgment =
                    number(value) + (step.from_client ? server_origin : client_origin);
            else if (name == "win")
                step.window = static_cast<std::uint16_t>(number(value));
            else if (name == "wscale")
                step.scale = static_cast<std::uint8_t>(number(value));
            else if (name == "seq") // quoted by ICMP: of the end it is sent to
                step.sequence = number(value) + (step.from_client ? server_origin : client_origin);
            else if (name == "in" || name == "out") {
                step.ifindex = number(value);
                step.way = name == "in" ? TT_IN : TT_OUT;
            } else
                fail(fmt::format("'{}' is no field", name));
        }
        if (at != words.size())
            fail(fmt::format("'{}' lacks its value", words.back()));
    }

    void read_expected(const std::string &text)
    {
        std::istringstream list(text);
        std::string item;
        while (std::getline(list, item, ',')) {
            const Words words = split(item);
            if (words.size() != 1)
                fail("=> ID[(DETAIL)], ...");
            const auto open = words[0].find('(');
            const auto anomaly = anomaly_by_id(words[0].substr(0, open));
            if (anomaly == 0)
                fail(fmt::format("'{}' is no event", words[0]));
            std::string detail;
            if (open != std::string::npos)
                detail = words[0].substr(open + 1, words[0].size() - open - 2);
            scenario_.steps.back().expected.push_back({static_cast<tt_anomaly>(anomaly), detail});
        }
    }

    static Words split(const std::string &text)
    {
        std::istringstream stream(text);
        Words words;
        for (std::string word; stream >> word;)
            words.push_back(word);
        return words;
    }

    std::uint32_t number(const std::string &text) const
    {
        std::uint32_t value = 0;
        const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
        if (result.ec != std::errc{} || result.ptr != text.data() + text.size())
            fail(fmt::format("'{}' is no number", text));
        return value;
    }

    double decimal(const std::string &text) const
    {
        std::size_t used = 0;
        double value = 0;
        try {
            value = std::stod(text, &used);
        } catch (const std::exception &) {
            used = 0;
        }
        if (used == 0 || used != text.size())
            fail(fmt::format("'{}' is no time", text));
        return value;
    }

    std::filesystem::path path_;
    int line_ = 0;
    Scenario scenario_;
};

std::string words_of(const Told &told)
{
    const auto id = anomaly_id(told.anomaly);
    return told.detail.empty() ? std::string(id) : fmt::format("{}({})", id, told.detail);
}

bool matches(const Told &expected, const Told &told)
{
    return expected.anomaly == told.anomaly &&
           (expected.detail.empty() || expected.detail == told.detail);
}

} // namespace

Scenario read_scenario(const std::filesystem::path &path)
{
    return Reader(path).read();
}

std::vector<Scenario> all_scenarios()
{
    std::vector<Scenario> scenarios;
    const std::filesystem::path folder = TCPTRACE_SOURCE_DIR "/tests/scenarios";
    for (const auto &entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".seg")
            scenarios.push_back(read_scenario(entry.path()));
    std::ranges::sort(scenarios, {}, &Scenario::name);
    return scenarios;
}

std::vector<Told> told_of(const tt_finding &finding)
{
    std::vector<Told> told;
    for_each_anomaly(finding.anomalies, [&](tt_anomaly anomaly) {
        std::string detail;
        if (anomaly == TT_RESET)
            detail = stage_id(finding.stage);
        else if (finding.number != 0)
            detail = std::to_string(finding.number);
        told.push_back({anomaly, detail});
    });
    return told;
}

std::vector<std::string> differences(const Scenario &scenario,
                                     const std::vector<std::vector<Told>> &told)
{
    std::vector<std::string> found;
    for (std::size_t i = 0; i < scenario.steps.size(); i++) {
        const Step &step = scenario.steps[i];
        std::vector<Told> rest = i < told.size() ? told[i] : std::vector<Told>{};
        for (const Told &expected : step.expected) {
            const auto at = std::ranges::find_if(
                rest, [&](const Told &each) { return matches(expected, each); });
            if (at == rest.end())
                found.push_back(fmt::format("{}.seg:{}: {} was not told", scenario.name, step.line,
                                            words_of(expected)));
            else
                rest.erase(at);
        }
        for (const Told &each : rest)
            found.push_back(fmt::format("{}.seg:{}: {} was told and is not expected", scenario.name,
                                        step.line, words_of(each)));
    }
    return found;
}

} // namespace tcptrace::test

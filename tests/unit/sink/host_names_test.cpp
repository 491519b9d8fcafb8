// SPDX-License-Identifier: Apache-2.0
// Look-ups are a function of the test's own, which answers when the test says so.
#include "sink/host_names.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

using namespace tcptrace;
using test::address;

namespace {

// Shared with look-ups that may outlive the test's end.
class Resolver {
public:
    std::string look_up(const Address &asked)
    {
        std::unique_lock lock(mutex_);
        look_ups_[asked]++;
        changed_.notify_all();
        changed_.wait(lock, [this] { return answers_; });
        return names_.contains(asked) ? names_[asked] : std::string{};
    }
    void name(const Address &of, const std::string &is)
    {
        const std::lock_guard lock(mutex_);
        names_[of] = is;
    }
    void answer(bool yes = true)
    {
        const std::lock_guard lock(mutex_);
        answers_ = yes;
        changed_.notify_all();
    }
    void wait_for_look_up(const Address &of, int times)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return look_ups_[of] >= times; });
    }
    int look_ups(const Address &of)
    {
        const std::lock_guard lock(mutex_);
        return look_ups_[of];
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Address, int> look_ups_;
    std::map<Address, std::string> names_;
    bool answers_ = false;
};

struct Fixture {
    std::shared_ptr<Resolver> resolver = std::make_shared<Resolver>();
    HostNamesOptions::Clock::time_point now{};

    HostNamesOptions options()
    {
        HostNamesOptions options;
        options.look_up = [held = resolver](const Address &asked) { return held->look_up(asked); };
        options.now = [this] { return now; };
        return options;
    }
};

// The answer is on its way: until it is there.
std::string soon(HostNames &hosts, const Address &of, const std::string &unlike = {})
{
    std::string name = hosts.name_of(of);
    while (name == unlike) {
        std::this_thread::yield();
        name = hosts.name_of(of);
    }
    return name;
}

const Address first = address("192.0.2.1");
const Address second = address("2001:db8::2");

} // namespace

TEST_CASE_METHOD(Fixture, "nobody waits for a name, and each is asked once")
{
    HostNames hosts(options());
    resolver->name(first, "web.example.com");
    CHECK(hosts.name_of(first).empty());
    CHECK(hosts.name_of(first).empty());
    resolver->answer();
    CHECK(soon(hosts, first) == "web.example.com");
    CHECK(resolver->look_ups(first) == 1);
    CHECK_FALSE(hosts.lagged());
}

TEST_CASE_METHOD(Fixture, "with patience the first line has the name")
{
    HostNamesOptions patient = options();
    patient.patience = std::chrono::minutes(10);
    HostNames hosts(patient);
    resolver->name(first, "web.example.com");
    resolver->answer();
    CHECK(hosts.name_of(first) == "web.example.com");
    CHECK(hosts.name_of(second).empty()); // answered, too: it has none
    CHECK(hosts.name_of(second).empty());
    CHECK(resolver->look_ups(second) == 1);
}

TEST_CASE_METHOD(Fixture, "patience ends with a resolver that is silent, and returns with it")
{
    HostNamesOptions patient = options();
    patient.patience = std::chrono::milliseconds(1);
    HostNames hosts(patient);
    for (const char *text : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"})
        CHECK(hosts.name_of(address(text)).empty());
    CHECK(hosts.name_of(first).empty()); // waited for already: not once more
    CHECK_FALSE(hosts.lagged());
    CHECK(hosts.name_of(address("192.0.2.5")).empty());
    CHECK(hosts.lagged());
}

TEST_CASE_METHOD(Fixture, "an answer is asked anew when it is old, and holds until then")
{
    HostNames hosts(options());
    resolver->name(first, "old");
    resolver->answer();
    CHECK(soon(hosts, first) == "old");
    now += std::chrono::seconds(299);
    CHECK(hosts.name_of(first) == "old");
    CHECK(resolver->look_ups(first) == 1);
    resolver->answer(false);
    resolver->name(first, "new");
    now += std::chrono::seconds(1);
    CHECK(hosts.name_of(first) == "old");
    resolver->wait_for_look_up(first, 2);
    CHECK(hosts.name_of(first) == "old");
    resolver->answer();
    CHECK(soon(hosts, first, "old") == "new");
}

TEST_CASE_METHOD(Fixture, "that there is no name is remembered for a minute")
{
    HostNamesOptions patient = options();
    patient.patience = std::chrono::minutes(10);
    HostNames hosts(patient);
    resolver->answer();
    CHECK(hosts.name_of(first).empty());
    now += std::chrono::seconds(59);
    CHECK(hosts.name_of(first).empty());
    CHECK(resolver->look_ups(first) == 1);
    now += std::chrono::seconds(1);
    CHECK(hosts.name_of(first).empty());
    resolver->wait_for_look_up(first, 2);
}

TEST_CASE_METHOD(Fixture, "one look-up that hangs does not stop the others")
{
    HostNamesOptions two = options();
    two.look_up = [held = resolver](const Address &asked) {
        return asked == second ? std::string("quick") : held->look_up(asked);
    };
    HostNames hosts(two);
    CHECK(hosts.name_of(first).empty());
    resolver->wait_for_look_up(first, 1);
    CHECK(soon(hosts, second) == "quick");
    CHECK(hosts.name_of(first).empty());
}

TEST_CASE_METHOD(Fixture, "an answer that comes when nobody is left changes nothing")
{
    const auto calls = std::make_shared<std::atomic<int>>(0);
    {
        HostNamesOptions counted = options();
        counted.now = [calls] {
            ++*calls;
            return HostNamesOptions::Clock::time_point{};
        };
        HostNames hosts(std::move(counted));
        CHECK(hosts.name_of(first).empty());
        resolver->wait_for_look_up(first, 1);
    }
    const int before = *calls;
    resolver->answer();
    while (resolver.use_count() > 1) // the thread holds it until it ends
        std::this_thread::yield();
    CHECK(*calls == before);
}

TEST_CASE_METHOD(Fixture, "what is remembered and what is pending has a bound")
{
    HostNamesOptions small = options();
    small.hosts_max = 2;
    small.pending_max = 2;
    small.pending_many = 2;
    small.workers_max = 1;
    HostNames hosts(small);
    const auto host = [](int i) { return address("192.0.2." + std::to_string(i)); };
    CHECK(hosts.name_of(host(1)).empty());
    resolver->wait_for_look_up(host(1), 1);
    CHECK(hosts.name_of(host(2)).empty());
    CHECK_FALSE(hosts.lagged());
    CHECK(hosts.name_of(host(3)).empty());
    CHECK(hosts.lagged());
    CHECK(hosts.name_of(host(4)).empty()); // no place: not asked
    resolver->name(host(3), "three");
    resolver->answer();
    CHECK(soon(hosts, host(3)) == "three");
    CHECK(resolver->look_ups(host(4)) == 0);
    CHECK(hosts.name_of(host(1)).empty()); // forgotten
    resolver->wait_for_look_up(host(1), 2);
}

TEST_CASE("a look-up that hangs is not waited for at the end")
{
    const auto resolver = std::make_shared<Resolver>();
    {
        HostNamesOptions options;
        options.look_up = [resolver](const Address &asked) { return resolver->look_up(asked); };
        HostNames hosts(options);
        CHECK(hosts.name_of(first).empty());
        resolver->wait_for_look_up(first, 1);
    }
    resolver->answer(); // what it then touches is still there, or the sanitizer says so
    while (resolver.use_count() > 1)
        std::this_thread::yield();
}

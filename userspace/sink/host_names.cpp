// SPDX-License-Identifier: Apache-2.0
#include "sink/host_names.h"

#include "core/signals.h"

#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace tcptrace {

namespace {

// A resolver that let us wait so often in a row is not waited for until it answers.
constexpr unsigned vain_waits_max = 5;
constexpr std::chrono::milliseconds stop_is_seen_within{50};

// Signals are for the thread that reads packets, whose system calls they end.
class SignalsBlocked {
public:
    SignalsBlocked()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    SignalsBlocked(const SignalsBlocked &) = delete;
    SignalsBlocked &operator=(const SignalsBlocked &) = delete;
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

} // namespace

// What those who ask and those who look up share.
class HostNames::Desk : public std::enable_shared_from_this<HostNames::Desk> {
public:
    explicit Desk(HostNamesOptions options) : options_(std::move(options)) {}

    std::string name_of(const Address &address)
    {
        std::unique_lock lock(mutex_);
        Host &host = host_of(address);

        if (!host.asked && (!host.known || options_.now() >= host.expires))
            ask(address, host);
        if (host.asked && !host.known && !host.waited_for)
            wait_for(host, lock);
        return host.name;
    }
    void close()
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        asked_.notify_all();
    }
    [[nodiscard]] bool lagged() const { return lagged_; }

private:
    struct Host {
        std::string name; // empty: has none, or not known yet
        bool known = false;
        bool asked = false; // and no answer yet
        bool waited_for = false;
        HostNamesOptions::Clock::time_point expires;
    };

    Host &host_of(const Address &address)
    {
        const auto [found, is_new] = hosts_.try_emplace(address);
        if (!is_new)
            return found->second;
        by_age_.push_back(address);
        if (by_age_.size() > options_.hosts_max) {
            hosts_.erase(by_age_.front());
            by_age_.pop_front();
        }
        return found->second;
    }

    void ask(const Address &address, Host &host)
    {
        if (pending_.size() + 1 >= options_.pending_many)
            lagged_ = true;
        if (pending_.size() >= options_.pending_max || !have_worker())
            return;
        host.asked = true;
        pending_.push_back(address);
        asked_.notify_one();
    }

    void wait_for(Host &host, std::unique_lock<std::mutex> &lock)
    {
        using Clock = std::chrono::steady_clock;
        const auto until = Clock::now() + options_.patience;

        if (options_.patience.count() == 0 || vain_waits_ >= vain_waits_max)
            return;
        host.waited_for = true;
        while (!host.known && !stop_requested() && Clock::now() < until)
            answered_.wait_until(lock, std::min(until, Clock::now() + stop_is_seen_within));
        if (host.known)
            return;
        vain_waits_++;
        if (vain_waits_ == vain_waits_max)
            lagged_ = true;
    }

    // Is there a thread that takes the next question, sooner or later?
    bool have_worker()
    {
        if (idle_ > pending_.size() || workers_ == options_.workers_max)
            return true;
        try {
            const SignalsBlocked blocked;
            std::thread([desk = shared_from_this()] { desk->work(); }).detach();
        } catch (const std::system_error &) { // a limit on threads: those there are must do
            return workers_ > 0;
        }
        workers_++;
        idle_++;
        return true;
    }

    void work()
    {
        std::unique_lock lock(mutex_);

        while (true) {
            asked_.wait(lock, [this] { return closed_ || !pending_.empty(); });
            if (closed_)
                return;
            const Address address = pending_.front();
            pending_.pop_front();
            idle_--;
            lock.unlock();
            std::string name = options_.look_up(address);
            lock.lock();
            if (closed_) // nobody is left to answer, and now() is theirs
                return;
            idle_++;
            answer(address, std::move(name));
        }
    }

    void answer(const Address &address, std::string name)
    {
        const auto found = hosts_.find(address);

        vain_waits_ = 0;
        if (found == hosts_.end()) // forgotten meanwhile
            return;
        Host &host = found->second;
        host.expires = options_.now() + (name.empty() ? options_.nameless_for : options_.named_for);
        host.name = std::move(name);
        host.known = true;
        host.asked = false;
        answered_.notify_all();
    }

    const HostNamesOptions options_;
    std::atomic<bool> lagged_ = false;

    std::mutex mutex_; // of all that follows
    std::condition_variable asked_;
    std::condition_variable answered_;
    std::map<Address, Host> hosts_;
    std::deque<Address> by_age_;
    std::deque<Address> pending_;
    unsigned workers_ = 0;
    unsigned idle_ = 0;
    unsigned vain_waits_ = 0; // since the last answer
    bool closed_ = false;
};

HostNames::HostNames(HostNamesOptions options) : desk_(std::make_shared<Desk>(std::move(options)))
{
}

HostNames::~HostNames()
{
    desk_->close();
}

std::string HostNames::name_of(const Address &address)
{
    return desk_->name_of(address);
}

bool HostNames::lagged() const
{
    return desk_->lagged();
}

std::string system_host_name(const Address &address)
{
    constexpr std::size_t ipv4_mapped_at = 12; // in an IPv6 address
    const auto is_printable = [](char c) { return c > ' ' && c < '\x7f'; };
    sockaddr_storage socket_address{};
    std::array<char, NI_MAXHOST> text{};

    if (address.family == TT_IPV4) {
        sockaddr_in ipv4{};
        ipv4.sin_family = AF_INET;
        std::memcpy(&ipv4.sin_addr, address.raw.bytes + ipv4_mapped_at, sizeof ipv4.sin_addr);
        std::memcpy(&socket_address, &ipv4, sizeof ipv4);
    } else {
        sockaddr_in6 ipv6{};
        ipv6.sin6_family = AF_INET6;
        std::memcpy(&ipv6.sin6_addr, address.raw.bytes, sizeof ipv6.sin6_addr);
        std::memcpy(&socket_address, &ipv6, sizeof ipv6);
    }
    const socklen_t length = address.family == TT_IPV4 ? socklen_t{sizeof(sockaddr_in)}
                                                       : socklen_t{sizeof(sockaddr_in6)};
    if (::getnameinfo(reinterpret_cast<const sockaddr *>(&socket_address), length, text.data(),
                      text.size(), nullptr, 0, NI_NAMEREQD) != 0)
        return {};
    std::string name(text.data());
    return std::ranges::all_of(name, is_printable) ? name : std::string{};
}

} // namespace tcptrace

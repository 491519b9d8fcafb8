// SPDX-License-Identifier: Apache-2.0
#include "core/signals.h"

#include <csignal>
#include <initializer_list>

namespace tcptrace {

namespace {

volatile std::sig_atomic_t stop = 0;
volatile std::sig_atomic_t report = 0;

void on_stop(int)
{
    stop = 1;
}

void on_report(int)
{
    report = 1;
}

void handle(int number, void (*handler)(int))
{
    struct sigaction action{};
    action.sa_handler = handler;
    sigaction(number, &action, nullptr);
}

} // namespace

void install_signal_handlers()
{
    for (int number : {SIGINT, SIGTERM})
        handle(number, on_stop);
    handle(SIGUSR1, on_report);
    handle(SIGPIPE, SIG_IGN); // a closed pipe is an error of write(), told by the sink
    handle(SIGXFSZ, SIG_IGN); // and so is a file that may grow no more
}

bool stop_requested()
{
    return stop != 0;
}

bool take_report_request()
{
    const bool asked = report != 0;
    report = 0;
    return asked;
}

} // namespace tcptrace

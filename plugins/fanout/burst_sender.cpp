#include "plugins/fanout/burst_sender.hpp"

#include "plugins/support/element.hpp"

#include <pthread.h>

#include <chrono>
#include <system_error>
#include <utility>

GST_DEBUG_CATEGORY_EXTERN(udpfanoutsink_debug);
#define GST_CAT_DEFAULT udpfanoutsink_debug

namespace rtspproxy::fanout {
namespace {

// Short beside the time that a whole share (32 KiB at most) takes; timers are no finer.
constexpr auto kTick = std::chrono::milliseconds(1);

} // namespace

void BurstSender::wake() {
    thread_.with([this](std::thread& thread) {
        const bool needed = shared_.destinations.with([this](Destinations& destinations) {
            return !stopping_.load() && destinations.table.has_queues() &&
                   !std::exchange(destinations.bursting, true);
        });
        if (!needed)
            return;
        if (thread.joinable())
            thread.join(); // it has said that it is through
        try {
            thread = std::thread([this] { run(); });
        } catch (const std::system_error& error) {
            // Queues grow until the next try, with the next list; one that gets too long is given
            // up.
            GST_WARNING("no thread for bursts: %s", error.what());
            shared_.destinations.lock()->bursting = false;
        }
    });
}

void BurstSender::stop() {
    stopping_.store(true);
    thread_.with([](std::thread& thread) {
        if (thread.joinable())
            thread.join();
    });
}

void BurstSender::run() {
    pthread_setname_np(pthread_self(), "udp-burst");
    bool finished = false;
    while (!finished) {
        const auto portion = next(finished);
        if (portion)
            send(*portion);
        else if (!finished)
            std::this_thread::sleep_for(kTick);
    }
}

std::optional<Table::Portion> BurstSender::next(bool& finished) {
    const Pace pace{shared_.settings.burst_rate.load()};
    auto destinations = shared_.destinations.lock();
    finished = stopping_.load() || !destinations->table.has_queues();
    destinations->bursting = !finished;
    return finished ? std::nullopt : destinations->table.take(pace, monotonic_now());
}

void BurstSender::send(const Table::Portion& portion) {
    batch_.clear();
    for (const auto& packet : portion.packets)
        append(batch_, packet.get());
    DatagramSender::Report report;
    const auto route = outlets_.route(portion.address);
    const DatagramSocket* socket = route ? outlets_.socket(route->outlet) : nullptr;
    if (socket != nullptr) {
        sender_.set_targets({route->address});
        report = sender_.send(*socket, batch_, shared_.settings.gso.load());
    } else {
        report.dropped = portion.packets.size();
    }
    shared_.destinations.lock()->table.sent(*portion.destination, {report.packets, report.bytes});
    shared_.counters += report;
    shared_.counters.burst_packets += report.packets;
}

} // namespace rtspproxy::fanout

// BurstSender: sends queues of destinations that catch up, at their pace, from a thread of its own.
// The thread ends when there is nothing left to send.
#pragma once

#include "plugins/fanout/datagram_sender.hpp"
#include "plugins/fanout/outlets.hpp"
#include "plugins/fanout/packet_batch.hpp"
#include "plugins/fanout/shared.hpp"
#include "plugins/support/guarded.hpp"

#include <atomic>
#include <optional>
#include <thread>

namespace rtspproxy::fanout {

class BurstSender {
  public:
    BurstSender(Shared& shared, const Outlets& outlets) : shared_(shared), outlets_(outlets) {}
    BurstSender(const BurstSender&) = delete;
    BurstSender& operator=(const BurstSender&) = delete;
    ~BurstSender() { stop(); }

    // any thread; not to be called with the destinations' lock held

    // There is something to send. No effect while stopped. If there is no thread to be had, it is
    // called again with the next list.
    void wake();

    // state changes

    void start() { stopping_.store(false); }
    // Returns when the thread has ended. Queues stay as they are.
    void stop();

  private:
    void run();
    [[nodiscard]] std::optional<Table::Portion> next(bool& finished);
    void send(const Table::Portion& portion);

    Shared& shared_;
    const Outlets& outlets_;
    std::atomic<bool> stopping_{true};
    Guarded<std::thread> thread_;

    // burst thread
    PacketBatch batch_;
    DatagramSender sender_{stopping_};
};

} // namespace rtspproxy::fanout

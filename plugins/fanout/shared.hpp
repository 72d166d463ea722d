// What the streaming thread, the burst thread and users of udpfanoutsink share.
#pragma once

#include "plugins/fanout/datagram_sender.hpp"
#include "plugins/fanout/destination_table.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <atomic>
#include <cstdint>

namespace rtspproxy::fanout {

using Table = DestinationTable<Ref<GstBuffer>>;

// What a user of the element may set; see the properties of udpfanoutsink for meanings and units.
struct FanOutSettings {
    static constexpr guint64 kDefaultBurstRate = 128'000'000;
    static constexpr guint kDefaultBurstMaxBytes = 8 * 1024 * 1024;

    std::atomic<bool> gso{true};
    std::atomic<guint64> burst_rate{kDefaultBurstRate};
    std::atomic<guint> burst_max_bytes{kDefaultBurstMaxBytes};
};

// Since the element was started. What queues dropped the table counts.
struct FanOutCounters {
    std::atomic<std::uint64_t> bytes_in{0}; // of what was rendered while there were destinations
    std::atomic<std::uint64_t> packets{0}, bytes{0}, dropped{0}, gso_messages{0};
    std::atomic<std::uint64_t> bursts{0}, burst_packets{0};

    FanOutCounters& operator+=(const DatagramSender::Report& report) {
        packets += report.packets;
        bytes += report.bytes;
        dropped += report.dropped;
        gso_messages += report.messages;
        return *this;
    }
};

struct Destinations {
    Table table;
    bool bursting = false; // the burst thread runs, or is about to
};

struct Shared {
    FanOutSettings settings;
    FanOutCounters counters;
    Guarded<Destinations> destinations;
};

} // namespace rtspproxy::fanout

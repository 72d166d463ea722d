// A DestinationTable of numbers, and what it makes of lists that are rendered.
#pragma once

#include "plugins/fanout/destination_table.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::fanout::tests {

using IntTable = DestinationTable<int>;
using Packets = std::vector<int>;

inline constexpr std::size_t kSize = 1000;
inline constexpr std::size_t kMaxBytes = 1'000'000;
inline constexpr std::uint64_t kMillisecond = 1'000'000;
inline constexpr std::uint64_t kSecond = 1000 * kMillisecond;
inline constexpr Pace kAllAtOnce{};

class DestinationTableTest : public ::testing::Test {
  protected:
    static IntTable::Key key(int port) { return {"127.0.0.1", port}; }
    static std::vector<IntTable::Item> items(int first, int last) {
        std::vector<IntTable::Item> all;
        for (int i = first; i <= last; ++i)
            all.push_back({i, static_cast<std::uint16_t>(i), kSize});
        return all;
    }
    bool add(int port) {
        return table_.add(key(port), *SocketAddress::resolve("127.0.0.1", port), now_) ==
               IntTable::Begin::Now;
    }
    // Ports of those that are sent a list that is rendered now.
    std::vector<int> render(int first, int last, std::size_t max_bytes = kMaxBytes) {
        if (table_.has_waiting())
            table_.collect(items(first, last), max_bytes, now_);
        const auto count = static_cast<std::uint64_t>(last - first + 1);
        table_.passed({count, count * kSize});
        return live();
    }
    std::vector<int> live() {
        std::vector<int> ports;
        table_.for_each_live([&](const auto& destination, unsigned times) {
            const auto* v4 = reinterpret_cast<const sockaddr_in*>(destination->address.raw());
            ports.insert(ports.end(), times, ntohs(v4->sin_port));
        });
        return ports;
    }
    void sent(IntTable::Portion& portion) {
        table_.sent(*portion.destination, {portion.packets.size(), portion.packets.size() * kSize});
    }
    // What is sent of the queues now.
    Packets burst(const Pace& pace = kAllAtOnce) {
        Packets all;
        while (auto portion = table_.take(pace, now_)) {
            all.insert(all.end(), portion->packets.begin(), portion->packets.end());
            sent(*portion);
        }
        return all;
    }

    IntTable table_;
    std::uint64_t now_ = 5 * kSecond;
};

} // namespace rtspproxy::fanout::tests

// The viewers: bench-swarm, 20 over TCP and 20 over UDP unless told otherwise.
#pragma once

#include "tests/e2e/outages/tool.hpp"

#include <string>
#include <vector>

namespace rtspproxy::tests {

class Swarm {
  public:
    static constexpr int kClients = 40;

    explicit Swarm(const std::string& url, std::vector<std::string> options = {},
                   int clients = kClients);

    [[nodiscard]] nlohmann::json stats() { return tool_.stats(); }
    void tell(const std::string& command);
    [[nodiscard]] int clients() const { return clients_; }

    // Waits until every client plays and had a packet within the last second.
    [[nodiscard]] bool wait_fed(Clock::duration patience = kPatience);
    // … and that packet came after this call, and so did some pictures.
    [[nodiscard]] bool wait_fed_again(Clock::duration patience = kPatience);

    // Waits until every client has had a key frame.
    [[nodiscard]] bool wait_key_frames();

    // Nothing is wrong with what the clients got so far, and none of them was disconnected.
    // `gaps`: how many they may have seen, all together.
    void expect_unharmed(std::uint64_t gaps = 0);
    // RTCP sender reports that come from now on say when the packets were sent. Counts from zero
    // again.
    void expect_true_reports();

  private:
    int clients_;
    Tool tool_;
};

} // namespace rtspproxy::tests

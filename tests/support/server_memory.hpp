// What TestServer remembers, and how it listens to its clients and media.
#pragma once

#include "plugins/support/guarded.hpp"
#include "tests/support/test_server.hpp"

#include <utility>

namespace rtspproxy::tests {

struct TestServer::Memory {
    Guarded<ServerCounts> counts;
    Guarded<std::vector<ReceiverReport>> reports;
    // By path and track.
    Guarded<std::map<std::pair<std::string, unsigned>, std::shared_ptr<PacketLog>>> logs;

    [[nodiscard]] std::shared_ptr<PacketLog> log(const std::string& path, unsigned track);
};

// Counts what the clients of this server do.
void watch_clients(GstRTSPServer* server, std::shared_ptr<TestServer::Memory> memory);
// Logs what the media of this factory send.
void watch_media(GstRTSPMediaFactory* factory, std::shared_ptr<TestServer::Memory> memory,
                 const std::string& path, MountOptions options);

} // namespace rtspproxy::tests

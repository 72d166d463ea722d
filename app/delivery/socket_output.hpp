// SocketOutput: everything that leaves to one plain TCP client, by the proxy's own hand: media,
// RTCP and the RTSP responses between them.
//
// What an access unit costs a client that keeps up: one lock, one send(), no copy, no allocation.
// What does not fit into the socket waits in a ClientQueue, and the Writer's thread goes on with
// it.
#pragma once

#include "app/delivery/client_queue.hpp"
#include "app/delivery/receiver.hpp"
#include "plugins/support/file_descriptor.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rtspproxy::delivery {

struct OutputLimits {
    std::size_t queue_bytes = 8U << 20;           // see ClientQueue
    std::uint64_t stuck_timeout = 10'000'000'000; // nanoseconds without progress
};

// All methods: any thread.
class SocketOutput : public std::enable_shared_from_this<SocketOutput> {
  public:
    // `socket` is a duplicate of the client's; `name` its address, for messages.
    SocketOutput(FileDescriptor socket, std::string name, const OutputLimits& limits);
    ~SocketOutput();
    SocketOutput(const SocketOutput&) = delete;
    SocketOutput& operator=(const SocketOutput&) = delete;

    // The place of this client in a track's fan-out. `keep_alive` is called now and then while
    // bytes leave, without a lock.
    [[nodiscard]] ReceiverPtr make_receiver(std::uint8_t rtp_channel, std::uint8_t rtcp_channel,
                                            bool has_key_frames, std::function<void()> keep_alive);

    // False if the client is gone, or has let too many responses wait.
    bool send_response(std::string text);
    // The socket has room again. Writer's thread.
    void resume();
    // Ends the connection if nothing has left for too long though something waits.
    void check_stuck(std::uint64_t now);
    // The client is gone, or to go.
    void close();
    [[nodiscard]] int descriptor() const { return socket_.get(); }

  private:
    class TrackReceiver;

    // Those named *_locked: with the lock held.
    [[nodiscard]] std::size_t send_locked(std::span<const std::uint8_t> bytes);
    std::size_t progress_locked(ssize_t sent);
    void drain_locked();
    void begin_to_wait_locked();
    void fail_locked();
    void kick_locked(const char* why);
    [[nodiscard]] Receiver::Outcome take_kick_locked();

    const FileDescriptor socket_;
    const std::string name_;
    const OutputLimits limits_;

    std::mutex mutex_; // of what follows
    ClientQueue queue_;
    unsigned next_track_ = 0;
    bool failed_ = false;
    bool kicked_ = false;             // and nobody was told yet
    std::uint64_t waiting_since_ = 0; // when bytes last left, or began to wait

    std::atomic<std::uint64_t> last_progress_{0};
};

} // namespace rtspproxy::delivery

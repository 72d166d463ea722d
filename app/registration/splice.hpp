// Splice: one device's connection, and the loopback port at which the proxy's own RTSP client meets
// it. One client at a time: the device answers one session after the other.
//
// Bytes pass as they are, but what a device still sends of one play never reaches the next: the
// stream is followed message by message, a play ends with the answers to all it asked for, and
// frames that come before a play's first SETUP are dropped.
#pragma once

#include "app/registration/rtsp_framer.hpp"
#include "app/registration/watch.hpp"
#include "plugins/support/file_descriptor.hpp"
#include "plugins/support/ref.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace rtspproxy::registration_app {

struct SpliceOptions {
    // A device that was not told TEARDOWN has stopped sending when this long no frame has come…
    std::chrono::milliseconds quiet{500};
    // …and is cut off if it has not after this long.
    std::chrono::milliseconds streaming_limit{3000};
    // A device that has not answered for this long when a play has ended is cut off.
    std::chrono::milliseconds answer_limit{30'000};
    // A device that sends more than this within a minute while nothing plays is cut off.
    std::size_t idle_bytes = 1024 * 1024;
};

// All methods: the splicer's thread.
class Splice {
  public:
    using Clock = std::chrono::steady_clock;
    // The device's connection has ended, or was cut off; why, in words for the log.
    using OnGone = std::function<void(const std::string& why)>;
    // What an event is about; an event's key is `first_key` + role.
    enum class Role : std::uint64_t { Listener, Device, Client };
    static constexpr std::uint64_t kRoles = 4; // keys a splice

    Splice(int epoll, std::uint64_t first_key, FileDescriptor listener,
           const SpliceOptions& options);

    // Replaces the device, whose connection is closed; a play ends. Bytes are read into `buffer`.
    void set_device(Ref<GSocket> socket, OnGone on_gone);
    void handle(Role role, std::uint32_t events, std::span<char> buffer);

    // When expire() wants to be called; nothing: not at all.
    [[nodiscard]] std::optional<Clock::time_point> deadline() const;
    void expire();

  private:
    struct Device {
        Device(Ref<GSocket> device_socket, OnGone gone, int epoll, std::uint64_t key);
        ~Device();
        Device(const Device&) = delete;
        Device& operator=(const Device&) = delete;

        Ref<GSocket> socket;
        int descriptor;
        OnGone on_gone;
        Watch watch;
        RtspFramer framer;
        bool passing = false;     // the message that is being received goes to the client
        unsigned unanswered = 0;  // requests
        std::string waiting;      // bytes that the device did not take yet
        Clock::time_point minute; // when the current one began
        std::size_t minute_bytes = 0;
    };
    struct Play {
        Play(FileDescriptor socket, int epoll, std::uint64_t key)
            : descriptor(std::move(socket)), watch(epoll, descriptor.get(), key) {}

        FileDescriptor descriptor;
        Watch watch;
        RtspFramer framer;
        std::string unfinished;               // the beginning of a message
        std::string waiting;                  // bytes that the client did not take yet
        bool set_up = false, playing = false; // SETUP was sent; PLAY without a TEARDOWN
    };
    // After a play.
    struct Drain {
        Clock::time_point began, last_frame;
        bool until_quiet = false;
        std::optional<Clock::time_point> deadline;
    };

    void handle_device(std::uint32_t events, std::span<char> buffer);
    void handle_client(std::uint32_t events, std::span<char> buffer);
    void accept_client(std::span<char> buffer);
    void read_device(std::span<char> buffer);
    bool read_client(std::span<char> buffer);
    void take_from_device(std::span<char> bytes);
    [[nodiscard]] std::size_t pick_for_client(std::span<char> bytes, bool& frames);
    void take_from_client(std::string_view bytes);
    void note_client_message();
    void send_to_device(std::string_view bytes);
    void send_to_client(std::string_view bytes);
    void end_play();
    void continue_drain();
    [[nodiscard]] bool drained(Clock::time_point now) const;
    void count_idle(std::size_t bytes);
    void lose_device(const std::string& why);
    void update_interest();

    const int epoll_;
    const std::uint64_t first_key_;
    const SpliceOptions options_;
    FileDescriptor listener_;
    Watch listener_watch_;
    std::optional<Device> device_;
    std::optional<Play> play_;   // only with a device
    std::optional<Drain> drain_; // only with a device, never with a play
};

} // namespace rtspproxy::registration_app

// Application: builds the program from its settings, runs it until a signal ends it, takes it down.
#pragma once

#include "app/demo/demo_camera.hpp"
#include "app/registration_desk.hpp"
#include "app/server/rtsp_server.hpp"
#include "app/settings/settings.hpp"
#include "plugins/support/main_loop.hpp"

#include <memory>

namespace rtspproxy {

// Exit codes of the program.
inline constexpr int kStopped = 0; // as asked
inline constexpr int kCouldNotStart = 1;
inline constexpr int kWrongUsage = 2;

// All methods: main thread, which owns the default main context.
class Application {
  public:
    explicit Application(settings::Settings settings);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    // Runs until SIGINT or SIGTERM; returns the exit code.
    int run();

  private:
    [[nodiscard]] Result<void> start();
    void watch_signals();
    void print_launch_lines() const;
    void announce(const settings::BackendSettings& backend) const;
    void report() const;
    void stop();
    void wait_for_back_ends(int checks_left);

    settings::Settings settings_;
    const Ref<GMainLoop> loop_;
    std::unique_ptr<demo::DemoCamera> camera_;
    std::unique_ptr<server::RtspServer> server_;
    std::unique_ptr<RegistrationDesk> registration_desk_;
    Timer stop_timer_;
    guint interrupt_source_ = 0, terminate_source_ = 0, report_source_ = 0;
    bool stopping_ = false;
};

} // namespace rtspproxy

#include "app/application.hpp"

#include "app/backend/launch_line.hpp"
#include "app/backend/message_log.hpp"
#include "app/backend/response_hook.hpp"
#include "app/backend/rtsp_listener.hpp"
#include "app/backend/rtspsrc_setup.hpp"
#include "app/backend/tap/lane_udpsrc.hpp"
#include "app/backend/tap/tap_connection.hpp"
#include "app/log.hpp"
#include "app/printable.hpp"
#include "app/settings/mount_names.hpp"
#include "app/settings/secrets.hpp"
#include "plugins/fanout/udpfanoutsink.hpp"
#include "plugins/register.hpp"

#include <glib-unix.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

namespace rtspproxy {
namespace {

using namespace std::chrono_literals;
using settings::Transport;

// How often, and how many times, the end is looked for: a frozen camera gets 1.5 s.
constexpr auto kStopCheck = 50ms;
constexpr int kStopChecks = 30;

// Each client needs a descriptor, two with UDP; the usual soft limit of 1024 is soon used up.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// A heap a core, where glibc takes up to eight: each restart of a back end brings new threads,
// which spread over all heaps there are, and every one of them is torn as far as a busy hour tears
// it.
void limit_heaps() {
    const auto cores = static_cast<int>(std::thread::hardware_concurrency());
    mallopt(M_ARENA_MAX, std::max(cores, 2));
}

std::vector<std::uint16_t> ports_to_try(std::uint16_t wanted) {
    if (wanted == 0)
        return {0};
    std::vector<std::uint16_t> ports{wanted};
    for (const std::uint16_t port : {std::uint16_t{554}, std::uint16_t{8554}})
        if (std::ranges::find(ports, port) == ports.end())
            ports.push_back(port);
    return ports;
}

} // namespace

Application::Application(settings::Settings settings)
    : settings_(std::move(settings)),
      loop_(Ref<GMainLoop>::adopt(g_main_loop_new(nullptr, FALSE))) {
    log::set_verbosity(settings_.verbosity);
    raise_descriptor_limit();
    limit_heaps();
    gst_init(nullptr, nullptr);
    register_elements(nullptr);
    backend::disable_foreign_extensions();
    backend::ResponseHook::install();
    backend::RtspListener::install();
    backend::install_taps();
    if (!fanout::replace_multiudpsink() || !backend::install_lanes())
        log::warning(
            "GStreamer's udp plugin (gst-plugins-good) is not there: neither back ends nor "
            "clients can use UDP");
    if (settings_.verbosity == settings::Verbosity::VeryVerbose)
        backend::MessageLog::enable();
}

Application::~Application() {
    for (const guint source : {interrupt_source_, terminate_source_, report_source_})
        if (source != 0)
            g_source_remove(source);
}

int Application::run() {
    const auto started = start();
    if (!started) {
        log::error("%s", started.error().message.c_str());
        return kCouldNotStart;
    }
    if (!settings_.print_launch)
        g_main_loop_run(loop_.get());
    return kStopped;
}

Result<void> Application::start() {
    if (settings_.demo) {
        auto camera = demo::DemoCamera::create();
        if (!camera)
            return tl::unexpected(camera.error());
        camera_ = std::move(*camera);
        settings::BackendSettings backend = settings_.defaults;
        backend.url = backend.display_url = camera_->url();
        const std::size_t position = settings_.backends.size();
        backend.mount = settings::default_mount(position, position + 1);
        settings_.backends.push_back(std::move(backend));
    }
    if (settings_.print_launch) {
        print_launch_lines();
        return {};
    }
    watch_signals();
    server_ = std::make_unique<server::RtspServer>(settings_.delivery, settings_.connections);
    registration_desk_ = std::make_unique<RegistrationDesk>(
        *server_, settings_,
        [this](const settings::BackendSettings& backend) { announce(backend); });
    if (auto listening = server_->listen(settings_.bind_address, ports_to_try(settings_.port));
        !listening)
        return listening;
    if (settings_.port != 0 && server_->port() != settings_.port)
        log::warning("port %u is not to be had; listening on %u instead", unsigned{settings_.port},
                     unsigned{server_->port()});
    for (const auto& backend : settings_.backends)
        server_->add_mount(backend);
    for (const auto& backend : settings_.backends)
        announce(backend);
    return {};
}

// Before anything is printed: whoever reads it may send one at once.
void Application::watch_signals() {
    const auto on_signal = [](gpointer self) noexcept -> gboolean {
        static_cast<Application*>(self)->stop();
        return G_SOURCE_CONTINUE;
    };
    interrupt_source_ = g_unix_signal_add(SIGINT, on_signal, this);
    terminate_source_ = g_unix_signal_add(SIGTERM, on_signal, this);
    const auto on_report = [](gpointer self) noexcept -> gboolean {
        static_cast<Application*>(self)->report();
        return G_SOURCE_CONTINUE;
    };
    report_source_ = g_unix_signal_add(SIGUSR1, on_report, this);
}

void Application::print_launch_lines() const {
    for (const auto& backend : settings_.backends) {
        const Transport first =
            backend.transport == Transport::Automatic ? Transport::Udp : backend.transport;
        const std::string line = settings::mask_secrets(backend::launch_line(backend, first));
        std::printf("%s: ( %s )\n", backend.mount.c_str(), line.c_str());
    }
    std::fflush(stdout);
}

// One line a mount, stable for scripts: the words of live555ProxyServer.
void Application::announce(const settings::BackendSettings& backend) const {
    std::printf("Play \"%s\" at: %s\n", printable(backend.display_url).c_str(),
                server_->url_of(backend.mount).c_str());
    std::fflush(stdout);
}

// One line of JSON of the front end and one a mount on stderr, for whoever sent SIGUSR1.
void Application::report() const {
    log::print_lines(server_->front_door().report());
    for (const auto& statistics : server_->statistics())
        log::print_lines(backend::to_json(statistics));
}

void Application::stop() {
    if (std::exchange(stopping_, true)) { // asked twice: at once
        g_main_loop_quit(loop_.get());
        return;
    }
    log::info("stopping");
    server_->close();
    wait_for_back_ends(kStopChecks);
}

void Application::wait_for_back_ends(int checks_left) {
    if (server_->closed() || checks_left == 0)
        g_main_loop_quit(loop_.get());
    else
        stop_timer_.set(kStopCheck, [this, checks_left] { wait_for_back_ends(checks_left - 1); });
}

} // namespace rtspproxy

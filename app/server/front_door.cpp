#include "app/server/front_door.hpp"

#include "app/log.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/element.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace rtspproxy::server {
namespace {

std::string text_of(const char* text) {
    return text != nullptr ? text : "";
}

Error take_error(GstBus* bus) {
    const auto message = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR));
    if (!message)
        return {"cannot open the listening socket"};
    GError* raw_error = nullptr;
    gst_message_parse_error(message.get(), &raw_error, nullptr);
    const GErrorPtr error(raw_error);
    return {error->message};
}

// GLib aborts a process that cannot make a pipe, so clients may not take the last descriptors:
// cameras, and clients that are there, need some. The system gives out the lowest free number, so a
// high one says that all below are taken.
bool leaves_no_reserve(GSocket* socket) {
    constexpr rlim_t kLeastReserve = 128;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return false;
    const rlim_t reserve =
        std::min(std::max(kLeastReserve, limit.rlim_cur / 8), limit.rlim_cur / 2);
    return static_cast<rlim_t>(g_socket_get_fd(socket)) + reserve >= limit.rlim_cur;
}

} // namespace

FrontDoor::FrontDoor(GstRTSPServer* server, const IntakeOptions& intake)
    : server_(server), intake_(intake),
      element_(Ref<GstElement>::sink(gst_element_factory_make("rtspregister", nullptr))) {
    g_object_set(element_.get(), "enabled", FALSE, nullptr);
    connection_ = SignalConnection(
        element_.get(), "connection",
        G_CALLBACK(+[](GstElement*, GSocket* socket, const char* initial, const char* address,
                       guint port, gpointer self) noexcept -> gboolean {
            return static_cast<FrontDoor*>(self)->hand_on(socket, initial, address, port) ? TRUE
                                                                                          : FALSE;
        }),
        this);
}

// The element's thread. What is not handed on is answered 503 and counted by the element.
bool FrontDoor::hand_on(GSocket* socket, const char* initial, const char* address, unsigned port) {
    constexpr std::uint64_t kMinute = 60'000'000'000;
    if (leaves_no_reserve(socket)) {
        const std::uint64_t now = monotonic_now();
        if (!warned_at_ || now - *warned_at_ > kMinute) {
            log::warning("too many connections: %s and others are refused; raise the limit of open "
                         "files (ulimit -n)",
                         address);
            warned_at_ = now;
        }
        return false;
    }
    if (!intake_.let_in(socket, address))
        return false;
    return gst_rtsp_server_transfer_connection(server_, Ref<GSocket>::share(socket).release(),
                                               address, static_cast<gint>(port), initial) != FALSE;
}

FrontDoor::~FrontDoor() {
    close();
}

void FrontDoor::accept_registrations(RegistrationListener& listener) {
    listener_ = &listener;
    g_object_set(element_.get(), "enabled", TRUE, nullptr);
    register_ = SignalConnection(
        element_.get(), "register",
        G_CALLBACK(+[](GstElement*, const char* url, const char* suffix, gboolean interleaved,
                       GSocket* socket, const char* address, gpointer self) noexcept -> guint {
            return static_cast<FrontDoor*>(self)->listener_->on_register(
                text_of(url), text_of(suffix), interleaved != FALSE, socket != nullptr,
                text_of(address));
        }),
        this);
    deregister_ =
        SignalConnection(element_.get(), "deregister",
                         G_CALLBACK(+[](GstElement*, const char* url, const char* suffix,
                                        const char* address, gpointer self) noexcept -> guint {
                             return static_cast<FrontDoor*>(self)->listener_->on_deregister(
                                 text_of(url), text_of(suffix), text_of(address));
                         }),
                         this);
    reuse_ = SignalConnection(
        element_.get(), "reuse",
        G_CALLBACK(+[](GstElement*, GSocket* socket, const char* url, const char* suffix,
                       const char* address, gpointer self) noexcept {
            static_cast<FrontDoor*>(self)->listener_->on_reuse(
                Ref<GSocket>::share(socket), text_of(url), text_of(suffix), text_of(address));
        }),
        this);
}

Result<std::uint16_t> FrontDoor::open(const std::string& address, std::uint16_t port) {
    g_object_set(element_.get(), "address", address.c_str(), "port", guint{port}, nullptr);
    const auto bus = Ref<GstBus>::adopt(gst_bus_new());
    gst_element_set_bus(element_.get(), bus.get());
    if (gst_element_set_state(element_.get(), GST_STATE_READY) == GST_STATE_CHANGE_FAILURE) {
        gst_element_set_state(element_.get(), GST_STATE_NULL);
        return tl::unexpected(take_error(bus.get()));
    }
    // Its messages are for gst-launch; nobody would read them here.
    gst_bus_set_flushing(bus.get(), TRUE);
    guint bound = 0;
    g_object_get(element_.get(), "bound-port", &bound, nullptr);
    return static_cast<std::uint16_t>(bound);
}

void FrontDoor::close() {
    gst_element_set_state(element_.get(), GST_STATE_NULL);
}

} // namespace rtspproxy::server

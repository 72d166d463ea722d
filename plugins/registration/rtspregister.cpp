#include "plugins/registration/rtspregister.hpp"

#include "plugins/registration/registrar.hpp"
#include "plugins/registration/registrar_properties.hpp"
#include "plugins/support/element.hpp"

#include <gio/gio.h>

#include <array>

// Also used by registrar.cpp.
GST_DEBUG_CATEGORY(rtspregister_debug);
#define GST_CAT_DEFAULT rtspregister_debug

namespace rtspproxy::registration {

namespace {

Registrar::Signals signals;

} // namespace

struct RtspRegister {
    GstElement parent;
};
struct RtspRegisterClass {
    GstElementClass parent_class;
    void (*add_user)(RtspRegister* self, const char* user, const char* password);
    void (*clear_users)(RtspRegister* self);
};
using RtspRegisterPrivate = Registrar;

G_DEFINE_TYPE_WITH_PRIVATE(RtspRegister, rtspregister, GST_TYPE_ELEMENT)

namespace {

constexpr const char* kDescription = "Owns the listening sockets in front of a GstRTSPServer: "
                                     "answers the RTSP commands REGISTER and "
                                     "DEREGISTER, by which back ends announce their streams, and "
                                     "hands every other connection (RTSP, "
                                     "RTSP-over-HTTP, TLS) on, unread";

// gst-inspect-1.0 shows no text with a signal; it does with metadata.
struct Documentation {
    const char* key;
    const char* text;
};
constexpr std::array kDocumentation{
    Documentation{"Threads",
                  "Signals are emitted in a thread of the element's own, with no lock held; "
                  "handlers must not block, nor change the element's state"},
    Documentation{
        "Signal-connection",
        "(socket, initial, address, port): a connection that is not about registration, "
        "with all its bytes unread; initial is always NULL, so that the arguments are those of "
        "gst_rtsp_server_transfer_connection(), which wants a reference of its own to the "
        "socket. Return TRUE to have taken it; if nobody does, it is answered 503"},
    Documentation{
        "Signal-register",
        "(url, suffix, interleaved, socket, address): an authorised REGISTER. url may hold a "
        "password; suffix is checked, or NULL if none was asked for; socket is NULL unless the "
        "request has reuse_connection: it may be remembered, but not used before the signal "
        "reuse. Return the RTSP status to answer, 0 for no opinion (200 if nobody has one)"},
    Documentation{"Signal-deregister",
                  "(url, suffix, address): an authorised DEREGISTER; as register"},
    Documentation{
        "Signal-reuse",
        "(socket, url, suffix, address): the response to a REGISTER with reuse_connection is "
        "out, and the connection is free for requests of the proxy's own; take a reference to "
        "keep it. Once for each such REGISTER answered 200, with a socket at its end if the peer "
        "has gone meanwhile, unless the element goes to NULL first"},
    Documentation{"Action-add-user",
                  "(user, password): one more who may register; replaces the one of "
                  "the same name. Once there is one, everybody must log in"},
    Documentation{"Action-clear-users", "(): forgets all users, that of the properties too"},
    Documentation{
        "Messages",
        "element messages rtsp-register and rtsp-deregister, with url (the password masked), "
        "suffix (if there is one), address and the status answered; rtsp-register also with "
        "interleaved and reuse-connection"},
};

Registrar& registrar_of(gpointer instance) {
    return *static_cast<Registrar*>(
        rtspregister_get_instance_private(static_cast<RtspRegister*>(instance)));
}

void set_element_property(GObject* object, guint id, const GValue* value,
                          GParamSpec* spec) noexcept {
    if (!set_property(registrar_of(object), id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

void get_element_property(GObject* object, guint id, GValue* value, GParamSpec* spec) noexcept {
    if (!get_property(registrar_of(object), id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) noexcept {
    Registrar& self = registrar_of(element);
    if (transition == GST_STATE_CHANGE_NULL_TO_READY) {
        if (!self.start())
            return GST_STATE_CHANGE_FAILURE;
        g_object_notify(G_OBJECT(element), "bound-port");
    }
    const auto result =
        GST_ELEMENT_CLASS(rtspregister_parent_class)->change_state(element, transition);
    if (transition == GST_STATE_CHANGE_READY_TO_NULL)
        self.stop();
    return result;
}

void finalize(GObject* object) noexcept {
    destroy_private<Registrar>(&registrar_of(object));
    G_OBJECT_CLASS(rtspregister_parent_class)->finalize(object);
}

void add_user(RtspRegister* self, const char* user, const char* password) noexcept {
    registrar_of(self).add_user(user, password);
}

void clear_users(RtspRegister* self) noexcept {
    registrar_of(self).clear_users();
}

// The first handler with an opinion decides.
gboolean stop_at_first_status(GSignalInvocationHint* /*hint*/, GValue* result,
                              const GValue* returned, gpointer /*data*/) noexcept {
    g_value_copy(returned, result);
    return static_cast<gboolean>(g_value_get_uint(returned) == 0);
}

// See kDocumentation.
void install_signals(GType type) {
    constexpr auto kLast = G_SIGNAL_RUN_LAST;
    signals.connection = g_signal_new(
        "connection", type, kLast, 0, g_signal_accumulator_true_handled, nullptr, nullptr,
        G_TYPE_BOOLEAN, 4, G_TYPE_SOCKET, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT);
    signals.registered = g_signal_new("register", type, kLast, 0, stop_at_first_status, nullptr,
                                      nullptr, G_TYPE_UINT, 5, G_TYPE_STRING, G_TYPE_STRING,
                                      G_TYPE_BOOLEAN, G_TYPE_SOCKET, G_TYPE_STRING);
    signals.deregistered =
        g_signal_new("deregister", type, kLast, 0, stop_at_first_status, nullptr, nullptr,
                     G_TYPE_UINT, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
    signals.reuse = g_signal_new("reuse", type, kLast, 0, nullptr, nullptr, nullptr, G_TYPE_NONE, 4,
                                 G_TYPE_SOCKET, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
    constexpr auto kAction = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
    g_signal_new("add-user", type, kAction, G_STRUCT_OFFSET(RtspRegisterClass, add_user), nullptr,
                 nullptr, nullptr, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
    g_signal_new("clear-users", type, kAction, G_STRUCT_OFFSET(RtspRegisterClass, clear_users),
                 nullptr, nullptr, nullptr, G_TYPE_NONE, 0);
}

} // namespace

static void rtspregister_class_init(RtspRegisterClass* klass) {
    GST_DEBUG_CATEGORY_INIT(rtspregister_debug, "rtspregister", 0, "RTSP registration front door");
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = set_element_property;
    object_class->get_property = get_element_property;
    object_class->finalize = finalize;
    auto* element_class = GST_ELEMENT_CLASS(klass);
    element_class->change_state = change_state;
    klass->add_user = add_user;
    klass->clear_users = clear_users;
    install_properties(object_class);
    install_signals(G_TYPE_FROM_CLASS(klass));
    gst_element_class_set_static_metadata(element_class, "RTSP registration front door",
                                          "Generic/Network", kDescription, "gst-rtsp-proxy");
    for (const Documentation& documentation : kDocumentation)
        gst_element_class_add_static_metadata(element_class, documentation.key, documentation.text);
}

static void rtspregister_init(RtspRegister* self) {
    construct_private<Registrar>(rtspregister_get_instance_private(self), GST_ELEMENT(self),
                                 signals);
}

} // namespace rtspproxy::registration

#include "plugins/registration/rtspregister.hpp"

#include "plugins/registration/registrar.hpp"

#include <gio/gio.h>

#include <new>

// Also used by registrar.cpp.
GST_DEBUG_CATEGORY(rtspregister_debug);
#define GST_CAT_DEFAULT rtspregister_debug

namespace rtspproxy::registration {

namespace {

enum Property : guint {
    kAddress = 1,
    kPort,
    kBoundPort,
    kBacklog,
    kEnabled,
    kUser,
    kPassword,
    kRealm,
    kMaxPending,
    kMaxPendingPerAddress,
    kMaxLoginFailures,
    kDecideTimeout,
    kMaxHeaderBytes,
    kReuseDelay,
    kStatistics,
};

Registrar::Signals signals;
guint add_user_signal = 0;
guint clear_users_signal = 0;

} // namespace

struct RtspRegister {
    GstElement parent;
    Registrar* registrar; // lies in the instance's private part
};
struct RtspRegisterClass {
    GstElementClass parent_class;
    void (*add_user)(RtspRegister* self, const char* user, const char* password);
    void (*clear_users)(RtspRegister* self);
};
struct RtspRegisterPrivate {
    alignas(Registrar) std::byte registrar[sizeof(Registrar)];
};

G_DEFINE_TYPE_WITH_PRIVATE(RtspRegister, rtspregister, GST_TYPE_ELEMENT)

namespace {

constexpr const char* kDescription = "Owns the listening sockets in front of a GstRTSPServer. "
                                     "Answers the RTSP commands REGISTER and DEREGISTER, by which "
                                     "back ends announce their streams, and hands every other "
                                     "connection (RTSP, RTSP-over-HTTP, TLS), still unread, to the "
                                     "handlers of the signal 'connection'";

constexpr guint kMaxConnections = 1'000'000;

Registrar& registrar_of(gpointer instance) {
    return *static_cast<RtspRegister*>(instance)->registrar;
}

std::string string_or_empty(const GValue* value) {
    const char* text = g_value_get_string(value);
    return text != nullptr ? text : "";
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) noexcept {
    Registrar& self = registrar_of(object);
    switch (id) {
    case kAddress:
        self.listen_options().lock()->address = string_or_empty(value);
        break;
    case kPort:
        self.listen_options().lock()->port = static_cast<std::uint16_t>(g_value_get_uint(value));
        break;
    case kBacklog:
        self.listen_options().lock()->backlog = g_value_get_int(value);
        break;
    case kEnabled:
        self.judge_options().lock()->enabled = g_value_get_boolean(value) != FALSE;
        break;
    case kUser:
        self.set_user(g_value_get_string(value));
        break;
    case kPassword:
        self.set_password(g_value_get_string(value));
        break;
    case kRealm:
        self.judge_options().lock()->realm = string_or_empty(value);
        break;
    case kMaxPending:
        self.options().lock()->pending.total = g_value_get_uint(value);
        break;
    case kMaxPendingPerAddress:
        self.options().lock()->pending.per_address = g_value_get_uint(value);
        break;
    case kMaxLoginFailures:
        self.judge_options().lock()->max_login_failures = g_value_get_uint(value);
        break;
    case kDecideTimeout:
        self.options().lock()->pending.timeout = std::chrono::milliseconds(g_value_get_uint(value));
        break;
    case kMaxHeaderBytes:
        self.options().lock()->max_header_bytes = g_value_get_uint(value);
        break;
    case kReuseDelay:
        self.options().lock()->reuse_delay = std::chrono::milliseconds(g_value_get_uint(value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) noexcept {
    Registrar& self = registrar_of(object);
    switch (id) {
    case kAddress:
        g_value_set_string(value, self.listen_options().lock()->address.c_str());
        break;
    case kPort:
        g_value_set_uint(value, self.listen_options().lock()->port);
        break;
    case kBoundPort:
        g_value_set_uint(value, self.bound_port());
        break;
    case kBacklog:
        g_value_set_int(value, self.listen_options().lock()->backlog);
        break;
    case kEnabled:
        g_value_set_boolean(value, static_cast<gboolean>(self.judge_options().lock()->enabled));
        break;
    case kUser:
        g_value_set_string(value, self.user().c_str());
        break;
    case kRealm:
        g_value_set_string(value, self.judge_options().lock()->realm.c_str());
        break;
    case kMaxPending:
        g_value_set_uint(value, static_cast<guint>(self.options().lock()->pending.total));
        break;
    case kMaxPendingPerAddress:
        g_value_set_uint(value, static_cast<guint>(self.options().lock()->pending.per_address));
        break;
    case kMaxLoginFailures:
        g_value_set_uint(value, self.judge_options().lock()->max_login_failures);
        break;
    case kDecideTimeout:
        g_value_set_uint(value, static_cast<guint>(self.options().lock()->pending.timeout.count()));
        break;
    case kMaxHeaderBytes:
        g_value_set_uint(value, static_cast<guint>(self.options().lock()->max_header_bytes));
        break;
    case kReuseDelay:
        g_value_set_uint(value, static_cast<guint>(self.options().lock()->reuse_delay.count()));
        break;
    case kStatistics:
        g_value_take_boxed(value, self.statistics().release());
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
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
    std::destroy_at(&registrar_of(object));
    G_OBJECT_CLASS(rtspregister_parent_class)->finalize(object);
}

void add_user(RtspRegister* self, const char* user, const char* password) noexcept {
    self->registrar->add_user(user, password);
}

void clear_users(RtspRegister* self) noexcept {
    self->registrar->clear_users();
}

// The first handler with an opinion decides.
gboolean stop_at_first_status(GSignalInvocationHint*, GValue* result, const GValue* returned,
                              gpointer) noexcept {
    g_value_copy(returned, result);
    return static_cast<gboolean>(g_value_get_uint(returned) == 0);
}

void install_listening_properties(GObjectClass* object_class) {
    constexpr auto kReadWrite = static_cast<GParamFlags>(
        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
    constexpr auto kReadOnly = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    const ListenOptions defaults;
    const auto install = [object_class](guint id, GParamSpec* spec) {
        g_object_class_install_property(object_class, id, spec);
    };
    install(kAddress, g_param_spec_string(
                          "address", "Address",
                          "Numeric IPv4 or IPv6 address to listen on; empty: every address of "
                          "both families, on a socket each. IPv6 sockets take IPv6 peers "
                          "only. Used when going from NULL to READY",
                          "", kReadWrite));
    install(kPort, g_param_spec_uint("port", "Port",
                                     "TCP port to listen on; 0: a free one, see bound-port. Used "
                                     "when going from NULL to READY",
                                     0, 65535, defaults.port, kReadWrite));
    install(kBoundPort, g_param_spec_uint("bound-port", "Bound port",
                                          "TCP port that is listened on; 0 in state NULL", 0, 65535,
                                          0, kReadOnly));
    install(kBacklog, g_param_spec_int("backlog", "Backlog",
                                       "Connections that the kernel holds until they are accepted; "
                                       "it caps this at net.core.somaxconn. Used when going from "
                                       "NULL to READY",
                                       1, G_MAXINT, defaults.backlog, kReadWrite));
    install(kStatistics, g_param_spec_boxed("stats", "Statistics",
                                            "Counters since the element was made (guint64): what "
                                            "became of connections and requests; and pending, the "
                                            "connections that wait now to be told apart",
                                            GST_TYPE_STRUCTURE, kReadOnly));
}

void install_login_properties(GObjectClass* object_class) {
    constexpr auto kReadWrite = static_cast<GParamFlags>(
        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
    constexpr auto kWriteOnly = static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS |
                                                         GST_PARAM_MUTABLE_PLAYING);
    const JudgeOptions defaults;
    const auto install = [object_class](guint id, GParamSpec* spec) {
        g_object_class_install_property(object_class, id, spec);
    };
    install(kEnabled, g_param_spec_boolean("enabled", "Enabled",
                                           "Whether REGISTER and DEREGISTER are accepted; if not, "
                                           "they are answered 405 with Allow. Other connections "
                                           "are passed on all the same",
                                           static_cast<gboolean>(defaults.enabled), kReadWrite));
    install(kUser, g_param_spec_string("user", "User",
                                       "Name of one user who may register, in addition to those "
                                       "of the action signal add-user. Empty: none. Without any "
                                       "user everybody may register",
                                       "", kReadWrite));
    install(kPassword, g_param_spec_string("password", "Password",
                                           "Password of that user; may be empty. Checked by Digest "
                                           "authentication (MD5)",
                                           "", kWriteOnly));
    install(kRealm,
            g_param_spec_string("realm", "Realm", "Realm of the Digest challenge (RFC 2617)",
                                defaults.realm.c_str(), kReadWrite));
    install(kMaxLoginFailures,
            g_param_spec_uint("max-login-failures", "Maximum login failures",
                              "After so many wrong logins within a minute an address (an IPv6 /64 "
                              "network) is answered 403 until the minute is over; 0: any number",
                              0, G_MAXUINT, defaults.max_login_failures, kReadWrite));
}

void install_limit_properties(GObjectClass* object_class) {
    constexpr auto kReadWrite = static_cast<GParamFlags>(
        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);
    const FrontDoorOptions defaults;
    const auto milliseconds = [](auto duration) { return static_cast<guint>(duration.count()); };
    const auto install = [object_class](guint id, GParamSpec* spec) {
        g_object_class_install_property(object_class, id, spec);
    };
    install(kMaxPending,
            g_param_spec_uint("max-pending", "Maximum pending",
                              "Connections that may wait at a time to be told apart. A newcomer "
                              "makes the one go that has been silent longest",
                              1, kMaxConnections, static_cast<guint>(defaults.pending.total),
                              kReadWrite));
    install(kMaxPendingPerAddress,
            g_param_spec_uint("max-pending-per-address", "Maximum pending per address",
                              "The same, of one address (IPv6: of one /64 network)", 1,
                              kMaxConnections, static_cast<guint>(defaults.pending.per_address),
                              kReadWrite));
    install(kDecideTimeout,
            g_param_spec_uint("decide-timeout", "Decide timeout",
                              "Milliseconds that a connection has to say what it is, and after "
                              "each answered request to send another; then it is closed",
                              10, 3'600'000, milliseconds(defaults.pending.timeout), kReadWrite));
    install(kMaxHeaderBytes,
            g_param_spec_uint("max-header-bytes", "Maximum header bytes",
                              "Bytes of a REGISTER or DEREGISTER request, blank line included; "
                              "longer ones are answered 400 and their connection is closed",
                              256, 65536, static_cast<guint>(defaults.max_header_bytes),
                              kReadWrite));
    install(kReuseDelay,
            g_param_spec_uint("reuse-delay", "Reuse delay",
                              "Milliseconds between the response to a REGISTER with "
                              "reuse_connection and the signal reuse. Clients of live555 take what "
                              "follows the response at once for a part of it",
                              0, 10'000, milliseconds(defaults.reuse_delay), kReadWrite));
}

void install_signals(GType type) {
    constexpr auto kLast = G_SIGNAL_RUN_LAST;
    // gboolean connection(GSocket *socket, gchar *initial, gchar *address, guint port)
    // A connection that is not about registration: RTSP, RTSP-over-HTTP, TLS or garbage. Nothing
    // has been read from it; `initial` is always NULL, so that the arguments are those of
    // gst_rtsp_server_transfer_connection(), which wants a reference of its own to the socket.
    // Return TRUE to have taken it; if nobody does, it is answered 503.
    signals.connection = g_signal_new(
        "connection", type, kLast, 0, g_signal_accumulator_true_handled, nullptr, nullptr,
        G_TYPE_BOOLEAN, 4, G_TYPE_SOCKET, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT);
    // guint register(gchar *url, gchar *suffix, gboolean interleaved, GSocket *socket, gchar
    // *address) An authorised REGISTER; returns the RTSP status to answer, 0 for no opinion (200 if
    // nobody has one). `suffix` is checked, or NULL if none was asked for. `url` may hold a
    // password. `socket` is NULL unless the request has reuse_connection: it may be remembered, but
    // not used before the signal reuse names it again.
    signals.registered = g_signal_new("register", type, kLast, 0, stop_at_first_status, nullptr,
                                      nullptr, G_TYPE_UINT, 5, G_TYPE_STRING, G_TYPE_STRING,
                                      G_TYPE_BOOLEAN, G_TYPE_SOCKET, G_TYPE_STRING);
    // guint deregister(gchar *url, gchar *suffix, gchar *address): as register, for DEREGISTER.
    signals.deregistered =
        g_signal_new("deregister", type, kLast, 0, stop_at_first_status, nullptr, nullptr,
                     G_TYPE_UINT, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
    // void reuse(GSocket *socket, gchar *url, gchar *suffix, gchar *address)
    // The response to a REGISTER with reuse_connection is out, and the connection is free for the
    // proxy's own requests: take a reference to keep it. Comes exactly once for each such REGISTER
    // answered 200 (with a socket at its end if the peer has gone meanwhile), unless the element
    // goes to NULL first.
    signals.reuse = g_signal_new("reuse", type, kLast, 0, nullptr, nullptr, nullptr, G_TYPE_NONE, 4,
                                 G_TYPE_SOCKET, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
    constexpr auto kAction = static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION);
    // Action add-user(gchar *user, gchar *password): one more who may register; replaces one of the
    // same name.
    add_user_signal =
        g_signal_new("add-user", type, kAction, G_STRUCT_OFFSET(RtspRegisterClass, add_user),
                     nullptr, nullptr, nullptr, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
    // Action clear-users(): forgets all users, that of the properties too.
    clear_users_signal =
        g_signal_new("clear-users", type, kAction, G_STRUCT_OFFSET(RtspRegisterClass, clear_users),
                     nullptr, nullptr, nullptr, G_TYPE_NONE, 0);
}

} // namespace

static void rtspregister_class_init(RtspRegisterClass* klass) {
    GST_DEBUG_CATEGORY_INIT(rtspregister_debug, "rtspregister", 0, "RTSP registration front door");
    auto* object_class = G_OBJECT_CLASS(klass);
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    object_class->finalize = finalize;
    auto* element_class = GST_ELEMENT_CLASS(klass);
    element_class->change_state = change_state;
    klass->add_user = add_user;
    klass->clear_users = clear_users;
    install_listening_properties(object_class);
    install_login_properties(object_class);
    install_limit_properties(object_class);
    install_signals(G_TYPE_FROM_CLASS(klass));
    gst_element_class_set_static_metadata(element_class, "RTSP registration front door",
                                          "Generic/Network", kDescription, "gst-rtsp-proxy");
}

static void rtspregister_init(RtspRegister* self) {
    auto* place = static_cast<RtspRegisterPrivate*>(rtspregister_get_instance_private(self));
    self->registrar = new (place->registrar) Registrar(GST_ELEMENT(self), signals);
}

} // namespace rtspproxy::registration

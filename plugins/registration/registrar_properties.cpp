#include "plugins/registration/registrar_properties.hpp"

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

constexpr guint kMaxConnections = 1'000'000;

std::string string_or_empty(const GValue* value) {
    const char* text = g_value_get_string(value);
    return text != nullptr ? text : "";
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

} // namespace

void install_properties(GObjectClass* object_class) {
    install_listening_properties(object_class);
    install_login_properties(object_class);
    install_limit_properties(object_class);
}

bool set_property(Registrar& self, guint id, const GValue* value) {
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
        return false;
    }
    return true;
}

bool get_property(Registrar& self, guint id, GValue* value) {
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
        return false;
    }
    return true;
}

} // namespace rtspproxy::registration

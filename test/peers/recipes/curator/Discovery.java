/* Service discovery: registers instances, and tells what it finds. */
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.x.discovery.ServiceDiscovery;
import org.apache.curator.x.discovery.ServiceDiscoveryBuilder;
import org.apache.curator.x.discovery.ServiceInstance;
import org.apache.curator.x.discovery.ServiceInstanceBuilder;
import org.apache.curator.x.discovery.ServiceProvider;
import org.apache.curator.x.discovery.UriSpec;
import org.apache.curator.x.discovery.details.InstanceSerializer;

final class Discovery implements Recipe {
    private final ServiceDiscovery<Object> discovery;
    private final Map<String, ServiceInstance<Object>> registered = new HashMap<>();
    private ServiceProvider<Object> provider;

    Discovery(CuratorFramework client, String basePath, InstanceSerializer<Object> serializer) {
        discovery = ServiceDiscoveryBuilder.builder(Object.class)
                .client(client)
                .basePath(basePath)
                .serializer(serializer)
                .build();
    }

    @Override
    public Object call(String verb, Arguments arguments) throws Exception {
        switch (verb) {
            case "register":
                register(arguments.map(0));
                return null;
            case "unregister":
                discovery.unregisterService(registered.remove(arguments.text(0)));
                return null;
            case "names":
                return new TreeSet<>(discovery.queryForNames());
            case "query":
                return query(arguments.text(0));
            case "provide":
                provider = discovery.serviceProviderBuilder().serviceName(arguments.text(0)).build();
                provider.start();
                return null;
            default:
                return idsOf(provider);
        }
    }

    private void register(Map<?, ?> given) throws Exception {
        ServiceInstanceBuilder<Object> builder = ServiceInstance.builder();
        builder.name((String) given.get("name"))
                .id((String) given.get("id"))
                .address((String) given.get("address"))
                .payload(given.get("payload"))
                .enabled(!Boolean.FALSE.equals(given.get("enabled")));
        if (given.get("port") != null) {
            builder.port((Integer) given.get("port"));
        }
        if (given.get("sslPort") != null) {
            builder.sslPort((Integer) given.get("sslPort"));
        }
        if (given.get("uriSpec") != null) {
            builder.uriSpec(new UriSpec((String) given.get("uriSpec")));
        }
        ServiceInstance<Object> instance = builder.build();
        registered.put(instance.getId(), instance);
        discovery.registerService(instance);
    }

    private List<Map<String, Object>> query(String name) throws Exception {
        List<Map<String, Object>> found = new ArrayList<>();
        for (ServiceInstance<Object> instance : discovery.queryForInstances(name)) {
            Map<String, Object> told = new TreeMap<>();
            told.put("name", instance.getName());
            told.put("id", instance.getId());
            told.put("address", instance.getAddress());
            told.put("port", instance.getPort());
            told.put("sslPort", instance.getSslPort());
            told.put("payload", instance.getPayload());
            told.put("registrationTimeMs", instance.getRegistrationTimeUTC());
            told.put("serviceType", String.valueOf(instance.getServiceType()));
            told.put("uri", instance.getUriSpec() == null ? null : instance.buildUriSpec());
            told.put("enabled", instance.isEnabled());
            found.add(told);
        }
        return found;
    }

    private static Object idsOf(ServiceProvider<Object> provider) throws Exception {
        return provider.getAllInstances().stream()
                .map(ServiceInstance::getId)
                .sorted()
                .collect(Collectors.toList());
    }
}

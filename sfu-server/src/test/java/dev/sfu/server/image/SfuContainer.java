package dev.sfu.server.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import java.net.DatagramSocket;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * A container as {@code docker-compose.yml} runs it: published ports, a root file system that cannot be written, no capabilities.
 * Besides that 512 MiB.
 */
final class SfuContainer extends GenericContainer<SfuContainer> {
    static final long MEMORY_BYTES = 512L << 20;
    static final String ADMIN_TOKEN = "for-the-test";

    private static final String READY = "SFU is ready: ";
    private static final int HTTP_PORT = 8080;
    private static final int ADMIN_PORT = 8081;
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration HEALTH_PATIENCE = Duration.ofSeconds(40);

    private final int mediaPort = freePort();

    SfuContainer() {
        super(DockerImageName.parse(Image.NAME));
        withImagePullPolicy(image -> false);
        withExposedPorts(HTTP_PORT, ADMIN_PORT);
        withEnv("SFU_ADMIN_HOST", "0.0.0.0");
        withEnv("SFU_ADMIN_TOKEN", ADMIN_TOKEN);
        withEnv("SFU_RTC_ADVERTISE", "127.0.0.1");
        withEnv("SFU_RTC_SINGLE_PORT", "true");
        // Browsers are told this number, so it is the same inside and outside.
        withEnv("SFU_RTC_PORT", Integer.toString(mediaPort));
        withTmpFs(Map.of("/tmp", "rw"));
        withCreateContainerCmdModifier(this::confine);
        waitingFor(Wait.forLogMessage(".*" + READY + ".*", 1).withStartupTimeout(START_PATIENCE));
    }

    private void confine(CreateContainerCmd create) {
        ExposedPort udp = ExposedPort.udp(mediaPort);
        ExposedPort tcp = ExposedPort.tcp(mediaPort);
        List<ExposedPort> exposed = new ArrayList<>(List.of(Objects.requireNonNull(create.getExposedPorts())));
        exposed.addAll(List.of(udp, tcp));
        create.withExposedPorts(exposed);
        HostConfig host = Objects.requireNonNull(create.getHostConfig());
        Ports ports = Objects.requireNonNull(host.getPortBindings());
        ports.add(new PortBinding(Ports.Binding.bindPort(mediaPort), udp));
        ports.add(new PortBinding(Ports.Binding.bindPort(mediaPort), tcp));
        host.withReadonlyRootfs(true)
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges:true"))
                .withMemory(MEMORY_BYTES)
                .withMemorySwap(MEMORY_BYTES);
    }

    /** Where browsers go, ending with a slash. */
    String url() {
        return "http://localhost:" + getMappedPort(HTTP_PORT) + "/";
    }

    /** Where the admin interface is, ending with a slash. */
    String adminUrl() {
        return "http://localhost:" + getMappedPort(ADMIN_PORT) + "/";
    }

    /** From the start of its process until it says that it is ready, by Docker's clock. */
    Duration untilReady() throws InterruptedException {
        Instant begin = Instant.parse(Objects.requireNonNull(state().getStartedAt()));
        List<String> lines = new ArrayList<>();
        Image.docker().logContainerCmd(getContainerId()).withStdOut(true).withTimestamps(true)
                .exec(new ResultCallback.Adapter<Frame>() {
                    @Override
                    public void onNext(Frame line) {
                        lines.add(new String(line.getPayload(), UTF_8));
                    }
                })
                .awaitCompletion();
        String ready = lines.stream().filter(line -> line.contains(READY)).findFirst().orElseThrow();
        return Duration.between(begin, Instant.parse(ready.substring(0, ready.indexOf(' '))));
    }

    /** Waits until Docker has asked for its health, and heard of it. */
    void awaitHealthy() {
        Wait.forHealthcheck().withStartupTimeout(HEALTH_PATIENCE).waitUntilReady(this);
    }

    /** As {@code docker stop} does: asks it to end, and kills it when it has not after so many seconds. */
    void stopWithin(int graceSeconds) {
        Image.docker().stopContainerCmd(getContainerId()).withTimeout(graceSeconds).exec();
    }

    InspectContainerResponse.ContainerState state() {
        return Image.docker().inspectContainerCmd(getContainerId()).exec().getState();
    }

    private static int freePort() {
        try (DatagramSocket free = new DatagramSocket()) {
            return free.getLocalPort();
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }
}

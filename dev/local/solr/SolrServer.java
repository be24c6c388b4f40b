import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
import javax.servlet.Filter;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.apache.solr.servlet.CoreContainerProvider;
import org.apache.solr.servlet.SolrDispatchFilter;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.DefaultServlet;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.servlet.ServletContextHandler;

/**
 * Serves Solr at /solr on the loopback address: the stock web application without its
 * distribution, since only its libraries are published in a package registry.
 *
 * <p>It asks for the account nd47 with the password of the environment variable SOLR_PASSWORD.
 *
 * <p>Usage: java -cp 'lib/*' SolrServer.java PORT SOLR_HOME
 */
public final class SolrServer {
  /** CKAN posts filter queries that exceed Jetty's default header size of 8 KiB. */
  private static final int HEADER_BYTES = 64 * 1024;

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    Path home = Path.of(args[1]).toAbsolutePath();
    System.setProperty("solr.solr.home", home.toString());
    System.setProperty("solr.log.dir", home.resolve("logs").toString());
    System.setProperty("jetty.port", Integer.toString(port));

    Server server = new Server();
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(HEADER_BYTES);
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    server.addConnector(connector);

    ServletContextHandler context = new ServletContextHandler(ServletContextHandler.SESSIONS);
    context.setContextPath("/solr");
    context.addEventListener(new CoreContainerProvider());
    FilterHolder guard = new FilterHolder(new Guard("nd47", System.getenv("SOLR_PASSWORD")));
    context.addFilter(guard, "/*", EnumSet.allOf(DispatcherType.class));
    FilterHolder filter = new FilterHolder(SolrDispatchFilter.class);
    context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
    context.addServlet(DefaultServlet.class, "/");
    server.setHandler(context);

    server.setStopAtShutdown(true);
    server.start();
    server.join();
  }

  /** Lets nobody in without the password: other programs of the machine reach the port too. */
  private static final class Guard implements Filter {
    private final byte[] expected;

    Guard(String account, String password) {
      if (password == null || password.isEmpty()) {
        throw new IllegalStateException("SOLR_PASSWORD is not set");
      }
      byte[] pair = (account + ":" + password).getBytes(StandardCharsets.UTF_8);
      expected = ("Basic " + Base64.getEncoder().encodeToString(pair)).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void init(FilterConfig configuration) {}

    @Override
    public void destroy() {}

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      String given = ((HttpServletRequest) request).getHeader("Authorization");
      byte[] bytes = given == null ? new byte[0] : given.getBytes(StandardCharsets.UTF_8);
      if (MessageDigest.isEqual(expected, bytes)) {
        chain.doFilter(request, response);
      } else {
        HttpServletResponse refusal = (HttpServletResponse) response;
        refusal.setHeader("WWW-Authenticate", "Basic realm=\"solr\"");
        refusal.sendError(HttpServletResponse.SC_UNAUTHORIZED);
      }
    }
  }
}

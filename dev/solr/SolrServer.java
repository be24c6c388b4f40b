import java.nio.file.Path;
import java.util.EnumSet;
import javax.servlet.DispatcherType;
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
    FilterHolder filter = new FilterHolder(SolrDispatchFilter.class);
    context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
    context.addServlet(DefaultServlet.class, "/");
    server.setHandler(context);

    server.setStopAtShutdown(true);
    server.start();
    server.join();
  }
}

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.jena.graph.Triple;
import org.apache.jena.riot.Lang;
import org.apache.jena.riot.RDFParser;
import org.apache.jena.riot.RiotException;
import org.apache.jena.riot.system.ErrorHandler;
import org.apache.jena.riot.system.StreamRDF;
import org.apache.jena.riot.system.StreamRDFBase;

/**
 * Reads every RDF file of a folder with Apache Jena and says what it found.
 *
 * <p>Prints one line for each file: its name, a tab, and the number of triples or what is wrong.
 * Ends with 1 when a file cannot be read.
 */
public final class ReadRdf {
  private static final Map<String, Lang> LANGUAGES =
      Map.of("nt", Lang.NTRIPLES, "ttl", Lang.TURTLE, "xml", Lang.RDFXML, "jsonld", Lang.JSONLD);

  private ReadRdf() {}

  public static void main(String[] arguments) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(Path.of(arguments[0]))) {
      files = found.sorted().toList();
    }
    boolean failed = false;
    for (Path file : files) {
      String said;
      try {
        said = String.valueOf(count(file));
      } catch (RiotException error) {
        said = "error: " + error.getMessage().replaceAll("\\s+", " ");
        failed = true;
      }
      System.out.println(file.getFileName() + "\t" + said);
    }
    System.exit(failed ? 1 : 0);
  }

  private static long count(Path file) {
    String name = file.getFileName().toString();
    Lang language = LANGUAGES.get(name.substring(name.lastIndexOf('.') + 1));
    Counter counter = new Counter();
    RDFParser.source(file)
        .forceLang(language)
        .checking(true)
        .errorHandler(new Strict())
        .parse((StreamRDF) counter);
    return counter.triples;
  }

  private static final class Counter extends StreamRDFBase {
    private long triples;

    @Override
    public void triple(Triple triple) {
      triples++;
    }
  }

  /** An error ends the reading; a warning, such as an address of unusual form, does not. */
  private static final class Strict implements ErrorHandler {
    @Override
    public void warning(String message, long line, long column) {}

    @Override
    public void error(String message, long line, long column) {
      throw new RiotException("line " + line + ", column " + column + ": " + message);
    }

    @Override
    public void fatal(String message, long line, long column) {
      error(message, line, column);
    }
  }
}

package dev.sfu.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Files and methods of all modules stay readable. */
class SourceSizeTest {
    private static final int FILE_LINES_WISHED = 500;
    private static final int FILE_LINES_MAX = 800;
    private static final int METHOD_LINES_MAX = 80;

    @Test
    void filesStayBelowTheHardLimit() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : mainSources()) {
            int lines = Files.readAllLines(file).size();
            if (lines > FILE_LINES_MAX) {
                tooLong.add(file + ": " + lines + " lines (expected: at most " + FILE_LINES_MAX + ")");
            } else if (lines > FILE_LINES_WISHED) {
                System.out.println(file + ": " + lines + " lines (wished: at most " + FILE_LINES_WISHED + ")");
            }
        }
        assertEquals(List.of(), tooLong);
    }

    @Test
    void methodsStayBelowTheHardLimit() throws IOException {
        List<String> tooLong = new ArrayList<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of(), null, files.getJavaFileObjectsFromPaths(mainSources()));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new MethodLengths(unit, positions, tooLong).scan(unit, null);
            }
        }
        assertEquals(List.of(), tooLong);
    }

    private static List<Path> mainSources() throws IOException {
        Path project = Path.of(Optional.ofNullable(System.getProperty("basedir")).orElse("")).toAbsolutePath().getParent();
        assertTrue(project != null && Files.exists(project.resolve("sfu-server/pom.xml")), "project root: " + project);
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(project)) {
            for (Path main : modules.map(m -> m.resolve("src/main/java")).filter(Files::isDirectory).toList()) {
                try (Stream<Path> files = Files.walk(main)) {
                    files.filter(f -> f.toString().endsWith(".java")).forEach(sources::add);
                }
            }
        }
        assertTrue(sources.size() > 10, "sources found: " + sources.size());
        return sources;
    }

    private static final class MethodLengths extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> tooLong;

        MethodLengths(CompilationUnitTree unit, SourcePositions positions, List<String> tooLong) {
            this.unit = unit;
            this.positions = positions;
            this.tooLong = tooLong;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
            LineMap lines = unit.getLineMap();
            long end = positions.getEndPosition(unit, method);
            if (method.getBody() != null && end >= 0) {
                long first = lines.getLineNumber(positions.getStartPosition(unit, method.getBody()));
                long length = lines.getLineNumber(end) - first + 1;
                if (length > METHOD_LINES_MAX) {
                    tooLong.add(unit.getSourceFile().getName() + ":" + first + ": " + method.getName() + ": " + length
                            + " lines (expected: at most " + METHOD_LINES_MAX + ")");
                }
            }
            return super.visitMethod(method, null);
        }
    }
}

package io.marketdata.collector.testkit;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** The Java files of a folder as the compiler's parser reads them, for tests of the source text. */
public final class JavaSources {

    /** A method with a body. {@code lines} are those strictly between its braces. */
    public record Method(String place, long lines) {}

    /** A string literal; pieces that {@code +} joins directly are one literal, at the line of the first piece. */
    public record Literal(String file, long line, String text) {}

    private final List<Method> methods = new ArrayList<>();
    private final List<Literal> literals = new ArrayList<>();

    /** Parses every Java file below the folder. */
    public JavaSources(Path folder) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null,
                    files,
                    problem -> {},
                    List.of("-proc:none"),
                    null,
                    files.getJavaFileObjectsFromPaths(below(folder)));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new Scanner(unit, positions).scan(unit, null);
            }
        }
    }

    /** The Java files below a folder, sorted. */
    public static List<Path> below(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }

    /** Every method with a body, those of nested and anonymous classes included. */
    public List<Method> methods() {
        return List.copyOf(methods);
    }

    /** Every string literal. */
    public List<Literal> literals() {
        return List.copyOf(literals);
    }

    private final class Scanner extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final String file;

        Scanner(CompilationUnitTree unit, SourcePositions positions) {
            this.unit = unit;
            this.positions = positions;
            this.file = unit.getSourceFile().getName();
        }

        private long startLine(Tree tree) {
            return unit.getLineMap().getLineNumber(positions.getStartPosition(unit, tree));
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void none) {
            if (method.getBody() != null) {
                long first = startLine(method.getBody());
                long last = unit.getLineMap().getLineNumber(positions.getEndPosition(unit, method.getBody()));
                methods.add(new Method(file + ":" + first + " " + method.getName(), Math.max(0, last - first - 1)));
            }
            return super.visitMethod(method, none);
        }

        @Override
        public @Nullable Void visitBinary(BinaryTree binary, @Nullable Void none) {
            if (binary.getKind() != Tree.Kind.PLUS) {
                return super.visitBinary(binary, none);
            }
            List<Tree> operands = new ArrayList<>();
            flatten(binary, operands);
            List<LiteralTree> pieces = new ArrayList<>();
            for (Tree operand : operands) {
                if (operand instanceof LiteralTree literal && literal.getValue() instanceof String) {
                    pieces.add(literal);
                } else {
                    add(pieces);
                    scan(operand, none);
                }
            }
            add(pieces);
            return none;
        }

        private static void flatten(Tree tree, List<Tree> operands) {
            if (tree instanceof BinaryTree binary && binary.getKind() == Tree.Kind.PLUS) {
                flatten(binary.getLeftOperand(), operands);
                flatten(binary.getRightOperand(), operands);
            } else {
                operands.add(tree);
            }
        }

        private void add(List<LiteralTree> pieces) {
            if (!pieces.isEmpty()) {
                StringBuilder text = new StringBuilder();
                pieces.forEach(piece -> text.append(piece.getValue()));
                literals.add(new Literal(file, startLine(pieces.get(0)), text.toString()));
                pieces.clear();
            }
        }

        @Override
        public @Nullable Void visitLiteral(LiteralTree literal, @Nullable Void none) {
            if (literal.getValue() instanceof String text) {
                literals.add(new Literal(file, startLine(literal), text));
            }
            return none;
        }
    }
}

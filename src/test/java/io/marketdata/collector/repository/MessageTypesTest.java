package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import io.marketdata.collector.testkit.JavaSources;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * No message shows a value as Java writes it: a duration as {@code PT10S}, a record as {@code Cut[connection=all]}, a
 * collection in brackets. The compiler resolves the type of everything that is joined to a string or given to a logger.
 */
class MessageTypesTest {

    private static final Path MAIN = Path.of("src/main/java");
    private static final Set<String> PRINTERS =
            Set.of("org.slf4j.Logger", "java.io.PrintStream", "java.io.PrintWriter", "java.lang.String");
    private static final Set<String> OPAQUE = Set.of(
            "java.time.Duration", "java.util.Collection", "java.util.Map", "java.util.Optional", "java.lang.Thread");

    @Test
    void messagesShowNoValueAsJavaWritesIt() throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> found = new ArrayList<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    new StringWriter(),
                    files,
                    null,
                    List.of("-proc:none", "-cp", System.getProperty("java.class.path")),
                    null,
                    files.getJavaFileObjectsFromPaths(JavaSources.below(MAIN)));
            Iterable<? extends CompilationUnitTree> units = task.parse();
            task.analyze();
            Scanner scanner = new Scanner(Trees.instance(task), task.getTypes(), task.getElements(), found);
            units.forEach(unit -> scanner.scan(unit, null));
            assertThat(scanner.checked).isGreaterThan(1_000);
        }
        assertThat(found).isEmpty();
    }

    private static final class Scanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final Trees trees;
        private final Types types;
        private final Elements elements;
        private final List<String> found;
        private int checked;

        Scanner(Trees trees, Types types, Elements elements, List<String> found) {
            this.trees = trees;
            this.types = types;
            this.elements = elements;
            this.found = found;
        }

        @Override
        public @Nullable Void visitBinary(BinaryTree tree, @Nullable Void nothing) {
            if (tree.getKind() == Tree.Kind.PLUS && isString(type(tree))) {
                check(tree.getLeftOperand());
                check(tree.getRightOperand());
            }
            return super.visitBinary(tree, nothing);
        }

        @Override
        public @Nullable Void visitMethodInvocation(MethodInvocationTree tree, @Nullable Void nothing) {
            Element method = trees.getElement(new TreePath(getCurrentPath(), tree.getMethodSelect()));
            if (method instanceof ExecutableElement called
                    && called.getEnclosingElement() instanceof TypeElement owner
                    && PRINTERS.contains(owner.getQualifiedName().toString())
                    && !called.getSimpleName().contentEquals("join")) {
                tree.getArguments().forEach(this::check);
            }
            return super.visitMethodInvocation(tree, nothing);
        }

        private @Nullable TypeMirror type(ExpressionTree tree) {
            return trees.getTypeMirror(new TreePath(getCurrentPath(), tree));
        }

        private static boolean isString(@Nullable TypeMirror type) {
            return type != null && type.toString().equals("java.lang.String");
        }

        private void check(ExpressionTree tree) {
            checked++;
            TypeMirror type = type(tree);
            if (type instanceof DeclaredType declared && isOpaque(declared)) {
                CompilationUnitTree unit = getCurrentPath().getCompilationUnit();
                long line = unit.getLineMap()
                        .getLineNumber(trees.getSourcePositions().getStartPosition(unit, tree));
                found.add(unit.getSourceFile().getName() + ":" + line + ": " + tree + " is a " + type);
            }
        }

        private boolean isOpaque(DeclaredType type) {
            TypeElement element = (TypeElement) type.asElement();
            return OPAQUE.stream()
                            .map(elements::getTypeElement)
                            .anyMatch(opaque -> types.isAssignable(types.erasure(type), types.erasure(opaque.asType())))
                    || (element.getKind() == ElementKind.RECORD
                            && ElementFilter.methodsIn(element.getEnclosedElements()).stream()
                                    .noneMatch(Scanner::isOwnToString));
        }

        private static boolean isOwnToString(ExecutableElement method) {
            return method.getSimpleName().contentEquals("toString")
                    && method.getParameters().isEmpty();
        }
    }
}

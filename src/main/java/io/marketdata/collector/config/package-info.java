/**
 * Loads the settings from environment, .env, YAML file and defaults, or reports every problem. The only package that reads
 * the environment.
 */
@NullMarked
package io.marketdata.collector.config;

import org.jspecify.annotations.NullMarked;

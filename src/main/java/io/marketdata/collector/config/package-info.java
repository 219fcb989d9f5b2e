/**
 * Settings: from environment, .env, YAML file and defaults to one valid tree, or to a list of every problem. The only room that reads the environment.
 */
@NullMarked
package io.marketdata.collector.config;

import org.jspecify.annotations.NullMarked;
